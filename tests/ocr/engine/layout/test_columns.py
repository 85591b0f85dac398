"""Columns are read one after the other, and what is no column is not."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line
from tests.ocr.engine.layout.pages import (
    HEIGHT,
    PITCH,
    WIDTH,
    line,
    names,
    numbered,
    prose,
    read,
    turned,
)

SKEWS = [-15.0, -6.0, -0.5, 0.0, 2.0, 9.0, 15.0]


@pytest.mark.parametrize("degrees", SKEWS)
def test_two_columns_are_read_one_after_the_other(degrees: float) -> None:
    page = prose("A", 100, 100, 30) + prose("B", 540, 100, 30)
    assert names(turned(page, degrees)) == numbered("A", 30) + numbered("B", 30)


@pytest.mark.parametrize("degrees", SKEWS)
def test_three_columns_under_a_heading_over_all_of_them(degrees: float) -> None:
    heading = line("NEWS of the harbour and the sea beyond it", 150, 60, 44)
    columns = [prose(name, x, 160, 40, 320) for name, x in (("A", 100), ("B", 440), ("C", 780))]
    assert names(turned([heading, *columns[0], *columns[1], *columns[2]], degrees)) == [
        "NEWS",
        *numbered("A", 40),
        *numbered("B", 40),
        *numbered("C", 40),
    ]


def test_columns_whose_rows_are_not_level_are_columns_too() -> None:
    page = prose("A", 100, 100, 20) + prose("B", 540, 109, 20)
    assert names(page) == numbered("A", 20) + numbered("B", 20)


def test_paragraphs_that_end_at_one_height_do_not_part_the_columns() -> None:
    upper = prose("A", 100, 100, 8) + prose("C", 540, 100, 8)
    lower = prose("B", 100, 400, 8) + prose("D", 540, 400, 8)
    expected = [name for column in "ABCD" for name in numbered(column, 8)]
    assert names(upper + lower) == expected


def test_a_line_over_both_columns_parts_them_in_what_is_above_and_what_is_below() -> None:
    upper = prose("A", 100, 100, 8) + prose("B", 540, 100, 8)
    over = line("ACROSS both of the columns goes a line of its own, wide as the two together are", 100, 330)
    lower = prose("C", 100, 400, 8) + prose("D", 540, 400, 8)
    expected = [*numbered("A", 8), *numbered("B", 8), "ACROSS", *numbered("C", 8), *numbered("D", 8)]
    assert names([*upper, over, *lower]) == expected


def test_two_columns_above_three() -> None:
    upper = prose("A", 100, 100, 12, 480) + prose("B", 620, 100, 12, 480)
    lower = prose("C", 100, 420, 12, 310) + prose("D", 440, 420, 12, 310) + prose("E", 780, 420, 12, 310)
    assert names(upper + lower) == [name for column in "ABCDE" for name in numbered(column, 12)]


def test_a_sidebar_follows_the_text_beside_it() -> None:
    page = prose("A", 100, 100, 40, 640) + prose("B", 800, 100, 10, 300)
    assert names(page) == numbered("A", 40) + numbered("B", 10)


def test_text_below_a_sidebar_that_fills_the_page_follows_both() -> None:
    page = prose("A", 100, 100, 12, 640) + prose("B", 800, 100, 12, 300) + prose("C", 100, 388, 12, 1000)
    assert names(page) == numbered("A", 12) + numbered("B", 12) + numbered("C", 12)


def test_a_heading_over_two_of_three_columns_comes_before_them() -> None:
    columns = prose("A", 100, 60, 30, 300) + prose("B", 440, 150, 26, 300) + prose("C", 780, 150, 26, 300)
    heading = line("HEADING of the second story", 450, 70, 40)
    expected = [*numbered("A", 30), "HEADING", *numbered("B", 26), *numbered("C", 26)]
    assert names([heading, *columns]) == expected


def test_running_titles_and_page_numbers_stay_outside_the_columns() -> None:
    titles = [line("TITLE of the book", 100, 20), line("17", 950, 20), line("END note", 100, 900)]
    page = prose("A", 100, 100, 30) + prose("B", 540, 100, 30)
    assert read(titles + page)[0] == "TITLE of the book 17"
    assert names(titles + page)[1:] == [*numbered("A", 30), *numbered("B", 30), "END"]


def test_headings_of_the_columns_themselves_stay_with_them() -> None:
    page = prose("A", 100, 100, 10) + prose("B", 540, 100, 10)
    headings = [line("PROS of the harbour", 100, 50), line("CONS of the harbour", 540, 50)]
    assert names(headings + page) == ["PROS", *numbered("A", 10), "CONS", *numbered("B", 10)]


def test_a_caption_set_between_the_columns_follows_them() -> None:
    def column(name: str, x: float, narrow: float) -> list[Line]:
        ends = [(x, x + 480.0)] * 10 + [(narrow, narrow + 300.0)] * 2 + [(x, x + 480.0)] * 8
        return [
            line(f"{name}{row + 1} and so the text goes on", left, 100 + PITCH * row, width=right - left)
            for row, (left, right) in enumerate(ends)
        ]

    caption = [line("Caption of an", 500, 341, width=200), line("inset image", 510, 341 + PITCH, width=180)]
    page = column("A", 100, 100) + column("B", 620, 800) + caption
    assert names(page) == [*numbered("A", 20), *numbered("B", 20), "Caption", "inset"]


def test_columns_of_a_bent_page_whose_boxes_touch() -> None:
    def bent(lines: list[Line]) -> list[Line]:
        quads = [tuple((x + y * 0.01, y + ((x - 600) / 200) ** 2) for x, y in each.bbox) for each in lines]
        return [Line(each.text, 0.9, quad) for each, quad in zip(lines, quads, strict=True)]  # type: ignore[arg-type]

    left = [
        line(f"A{row} words as far as the gutter", 100, 100 + PITCH * row, width=400) for row in range(30)
    ]
    right = [
        line(f"B{row} words as far as the margin", 502, 105 + PITCH * row, width=400) for row in range(30)
    ]
    assert names(bent(left + right)) == [f"{name}{row}" for name in "AB" for row in range(30)]


def test_a_table_of_text_is_read_row_by_row() -> None:
    cells = [("Company", "Country", "Contact"), ("Northern Lines", "Norway", "Ida Strand")]
    cells += [
        (f"Company {row} of {'x' * (row % 5 + 1)}", f"Country {row}", f"Person {row}") for row in range(8)
    ]
    page = [
        line(text, 100 + 330 * column, 100 + 40 * row)
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    ]
    assert read(page) == [" ".join(texts) for texts in cells]


def test_a_text_beside_a_table_is_a_column_of_its_own() -> None:
    table = [
        line(text, 800 + 120 * c, 100 + 31 * r)
        for r in range(9)
        for c, text in enumerate((f"Row {r}", "12.5"))
    ]
    page = prose("A", 100, 100, 20, 640)
    assert names(page + table) == numbered("A", 20) + ["Row"] * 9
    assert read(page + table)[20:] == [f"Row {row} 12.5" for row in range(9)]


def test_numbers_in_the_margin_stay_with_their_lines() -> None:
    page = prose("A", 200, 100, 25, 640)
    numbers = [line(str(row + 1), 120, 100 + PITCH * row) for row in range(25)]
    assert names(page + numbers) == [str(row + 1) for row in range(25)]


def test_very_many_levels_of_columns_end() -> None:
    page = [
        line("words that fill the row", 250 * (row % 4), 3 * row + 5 * (row % 7), 18) for row in range(400)
    ]
    blocks, _ = arrange(page, WIDTH, HEIGHT)
    assert sum(each.text.count("words") for block in blocks for each in block.lines) == 400
