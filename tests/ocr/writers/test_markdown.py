"""Markdown, read back with a CommonMark reader that allows HTML and links: an injection would show."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from offing.ocr.engine.page import Line, Page
from offing.ocr.writers.characters import clean
from offing.ocr.writers.markdown_text import at_start, inline, joined
from tests.ocr.writers.pages import any_page, cell, line, page, write

_READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")

_HARMLESS = {
    *(f"{name}_{end}" for name in ("paragraph", "heading", "list_item") for end in ("open", "close")),
    *(f"{name}_{end}" for name in ("bullet_list", "ordered_list") for end in ("open", "close")),
    *(f"{name}_{end}" for name in ("table", "thead", "tbody", "tr", "th", "td") for end in ("open", "close")),
    "inline",
    "text",
    "text_special",
    "hr",
}

marked = st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~&$^=:@/1a \"'") | st.characters(), max_size=40)


def test_lines_of_a_paragraph_are_joined() -> None:
    assert _written([line("One", "two"), line("three.", at=(50, 90))]) == "One two three.\n"


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        (["An exam-", "ple of it"], "An example of it"),
        (["soft\u00ad", "ware"], "software"),
        (["Austria-", "Hungary"], "Austria-Hungary"),
        (["pages 12-", "14"], "pages 12-14"),
        (["a dash -", "here"], "a dash - here"),
        (["漢字かな", "文章。", "次"], "漢字かな文章。次"),
        (["漢字", "Latin"], "漢字 Latin"),
        ([], ""),
    ],
)
def test_words_cut_at_a_lines_end_are_made_whole(lines: list[str], whole: str) -> None:
    assert joined(lines) == whole


def test_tall_lines_are_headings_by_how_tall_they_are() -> None:
    body = [cell("A line of the body, as long as they are.", 50, 300 + 30 * index) for index in range(6)]
    heads = [
        [cell("Title", 50, 50, height=44)],
        [cell("Part", 50, 120, height=32)],
        [cell("Bit", 50, 180, height=26)],
    ]
    text = _written(*heads, body)
    assert text.startswith("# Title\n\n## Part\n\n### Bit\n\nA line of the body")


def test_a_long_text_in_large_letters_is_no_heading() -> None:
    large = [cell("All of this is set large " * 3, 50, 50 + 50 * index, height=44) for index in range(4)]
    body = [cell("A line of the body, as long as they are. " * 4, 50, 300 + 30 * index) for index in range(6)]
    assert "#" not in _written(large, body)


def test_bullets_and_numbers_are_items_and_their_lines_are_joined() -> None:
    texts = ["Bring:", "• a first", "thing", "• a second", "2) a third", "(4) a fourth"]
    lines = [cell(text, 50, 50 + 30 * index) for index, text in enumerate(texts)]
    assert _written(lines) == "Bring:\n\n- a first thing\n- a second\n2. a third\n4. a fourth\n"


def test_a_dash_or_a_number_amid_a_sentence_begins_no_list() -> None:
    lines = [
        cell(text, 50, 50 + 30 * index) for index, text in enumerate(["It was in", "12. May -", "- or June"])
    ]
    assert _written(lines) == "It was in 12. May - - or June\n"


def test_rows_and_columns_become_a_table_between_their_neighbours() -> None:
    rows = [("Item", "Price"), ("Tea | pot", "2.50"), ("Cake", "3.00")]
    cells = [
        cell(text, 50 + 300 * side, 200 + 30 * index)
        for index, row in enumerate(rows)
        for side, text in enumerate(row)
    ]
    text = _written(
        [cell("What it costs, all in all and with everything:", 50, 100)],
        cells[:2],
        cells[2:],
        [cell("End.", 50, 500)],
    )
    assert text == (
        "What it costs, all in all and with everything:\n\n"
        "| Item | Price |\n| --- | --- |\n| Tea \\| pot | 2.50 |\n| Cake | 3.00 |\n\nEnd.\n"
    )
    assert [token.content for token in _tokens(text) if token.type == "inline"][1:3] == ["Item", "Price"]


def test_pages_are_parted_by_a_break() -> None:
    text = write("markdown", page([line("One")]), page(), page([line("Three")])).decode()
    assert text == "One\n\n---\n\n\n---\n\nThree\n"
    assert [token.type for token in _tokens(text) if token.type == "hr"] == ["hr", "hr"]


@given(any_page())
def test_no_page_can_bring_in_anything_but_text(any_page: Page) -> None:
    assert {token.type for token in _tokens(write("markdown", any_page).decode())} <= _HARMLESS


@given(st.lists(marked, max_size=4))
def test_nothing_that_looks_like_markup_is_markup(texts: list[str]) -> None:
    lines = [cell(text, 50, 50 + 30 * index) for index, text in enumerate(texts)]
    assert {token.type for token in _tokens(_written(lines))} <= _HARMLESS


@given(marked.map(clean))
def test_a_reader_sees_the_text_as_it_was(text: str) -> None:
    tokens = _tokens(at_start(text))
    shown = "".join(child.content for token in tokens for child in token.children or [])
    assert shown == text
    assert {token.type for token in tokens} <= {
        "paragraph_open",
        "inline",
        "paragraph_close",
        "text",
        "text_special",
    }


@given(marked.map(clean))
def test_a_table_cell_shows_the_text_as_it_was(text: str) -> None:
    tokens = _tokens(f"| {inline(text)} | x |\n| --- | --- |\n")
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 2
    assert "".join(child.content for child in cells[0].children or []) == text


@pytest.mark.parametrize("link", ["https://example.org/x", "www.example.org", "someone@example.org"])
def test_addresses_are_no_links_even_where_readers_make_them_of_bare_text(link: str) -> None:
    assert re.search(r"\\[:.@]", inline(link))
    assert "".join(child.content for token in _tokens(inline(link)) for child in token.children or []) == link


def _written(*blocks: list[Line]) -> str:
    return write("markdown", page(*blocks)).decode()


def _tokens(text: str) -> list[Token]:
    tokens = _READER.parse(text)
    return [*tokens, *(child for token in tokens for child in token.children or [])]
