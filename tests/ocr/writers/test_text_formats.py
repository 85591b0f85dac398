"""Plain text and TSV, read back with the standard library."""

from __future__ import annotations

import csv
import io

from hypothesis import given

from offing.ocr.engine.page import Page, upright
from offing.ocr.writers.characters import clean
from offing.ocr.writers.placed import words_of
from tests.ocr.writers.pages import any_page, line, page, write


def test_text_has_a_line_a_line_and_an_empty_one_between_blocks() -> None:
    text = write("text", page([line("One", "two"), line("three")], [line("four")]))
    assert text == b"One two\nthree\n\nfour\n"


def test_pages_are_parted_by_a_form_feed_empty_ones_too() -> None:
    assert write("text", page([line("One")]), page(), page([line("Three")])) == b"One\n\f\fThree\n"


@given(any_page())
def test_a_form_feed_in_the_text_parts_no_pages(page: Page) -> None:
    assert write("text", page).count(b"\f") == 0


def test_tsv_has_tesseracts_columns_and_levels() -> None:
    rows = _rows(write("tsv", page([line("One", "two", at=(50, 60))], number=3)))
    assert [row["level"] for row in rows] == ["1", "2", "3", "4", "5", "5"]
    assert {row["page_num"] for row in rows} == {"3"}
    assert rows[0]["width"] == "800"
    assert rows[0]["conf"] == "-1"
    word = rows[-1]
    places = [word[name] for name in ("left", "top", "width", "height", "text", "word_num", "conf")]
    assert places == ["110", "60", "45", "30", "two", "2", "90.000000"]


@given(any_page())
def test_every_word_is_one_row_of_twelve_cells(page: Page) -> None:
    rows = _rows(write("tsv", page))
    expected = [word.text for each in page.lines for word in words_of(each)]
    assert [row["text"] for row in rows if row["level"] == "5"] == expected
    assert all(None not in row and None not in row.values() for row in rows)
    width = upright(page).width
    assert all(0 <= int(row["left"]) <= int(row["left"]) + int(row["width"]) <= width for row in rows)


def test_quotes_are_text_and_tabs_are_not() -> None:
    rows = _rows(write("tsv", page([line('"quoted', "a\tb")])))
    assert [row["text"] for row in rows][-2:] == ['"quoted', clean("a\tb")]


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(
        csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
    )
