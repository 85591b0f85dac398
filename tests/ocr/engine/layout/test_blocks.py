"""Rows are parted into paragraphs by spacing, size and indentation."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line, box
from tests.ocr.engine.layout.pages import HEIGHT, PITCH, SIZE, WIDTH, line, paragraphs, prose, turned

SKEWS = [-12.0, 0.0, 12.0]


def first_words(lines: list[Line]) -> list[list[str]]:
    return [[text.split()[0] for text in block] for block in paragraphs(lines)]


@pytest.mark.parametrize("degrees", SKEWS)
def test_wider_spacing_begins_a_paragraph(degrees: float) -> None:
    page = prose("A", 100, 100, 4) + prose("B", 100, 100 + 4 * PITCH + 14, 3) + prose("C", 100, 310, 3)
    expected = [["A1", "A2", "A3", "A4"], ["B1", "B2", "B3"], ["C1", "C2", "C3"]]
    assert first_words(turned(page, degrees)) == expected


def test_rows_evenly_far_apart_are_one_paragraph() -> None:
    page = [line(f"row {row} of a text with double spacing", 100, 100 + 48 * row) for row in range(8)]
    assert len(paragraphs(page)) == 1


def test_a_heading_is_a_block_of_its_own() -> None:
    page = [line("Heading", 100, 64, 34), *prose("A", 100, 104, 4)]
    assert first_words(page) == [["Heading"], ["A1", "A2", "A3", "A4"]]


def test_an_indented_row_begins_a_paragraph() -> None:
    page = prose("A", 100, 100, 9)
    for row in (0, 4, 7):
        page[row] = line(page[row].text, 100 + 1.5 * SIZE, 100 + PITCH * row)
    assert first_words(page) == [["A1", "A2", "A3", "A4"], ["A5", "A6", "A7"], ["A8", "A9"]]


def test_an_item_begins_where_the_rows_under_the_one_before_are_indented() -> None:
    page = [
        line(f"{row} text that runs over several rows", 100 + (row % 3 > 0) * SIZE * 1.5, 100 + PITCH * row)
        for row in range(9)
    ]
    assert first_words(page) == [["0", "1", "2"], ["3", "4", "5"], ["6", "7", "8"]]


def test_centred_rows_are_not_taken_for_indented_ones() -> None:
    texts = ["The harbour beyond the sea", "and its lantern", "with rope and anchor and keel", "by night"]
    page = [line(text, 600 - 5 * len(text), 100 + PITCH * row) for row, text in enumerate(texts)]
    assert paragraphs(page) == [texts]


def test_columns_do_not_share_a_block() -> None:
    page = prose("A", 100, 100, 6) + prose("B", 540, 100, 6)
    assert [block[0] for block in first_words(page)] == ["A1", "B1"]


@pytest.mark.parametrize("degrees", SKEWS)
def test_the_box_of_a_block_is_the_smallest_around_its_lines_along_their_text(degrees: float) -> None:
    page = [line("x", 300, 700, width=500), line("y", 300, 700 + PITCH, width=300)]
    block = arrange(turned(page, degrees), WIDTH, HEIGHT)[0][0]
    whole = line("z", 300, 700, PITCH + SIZE, width=500)
    expected = turned([whole], degrees)[0].bbox
    for corner, place in zip(block.bbox, expected, strict=True):
        assert corner == pytest.approx(place, abs=1e-6)


def test_the_box_of_a_block_on_a_straight_page_is_straight() -> None:
    page = [line("x", 100, 100, width=300), line("y", 100, 100 + PITCH, width=200)]
    assert box(arrange(page, WIDTH, HEIGHT)[0][0].bbox) == (100, 100, 400, 100 + PITCH + SIZE)
