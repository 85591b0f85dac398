"""What stands on one line becomes one line, and its parts keep their places."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line, Quad, Word, box
from tests.ocr.engine.layout.pages import HEIGHT, PITCH, WIDTH, line, prose, read, turned

SKEWS = [-15.0, -3.0, 0.0, 7.0, 15.0]


def only(lines: list[Line]) -> Line:
    blocks, _ = arrange(lines, WIDTH, HEIGHT)
    assert [len(block.lines) for block in blocks] == [1]
    return blocks[0].lines[0]


RECEIPT = [
    ("Harbour Stores", None),
    ("Quay 7, Old Port", None),
    ("Rope 12 mm", "18.50"),
    ("Lantern", "7.20"),
    ("Anchor small", "112.00"),
    ("Total", "137.70"),
    ("Cash", "140.00"),
    ("Change", "2.30"),
    ("Thank you", None),
]


@pytest.mark.parametrize("degrees", SKEWS)
def test_an_item_of_a_receipt_and_its_price_are_one_line(degrees: float) -> None:
    page = []
    for row, (item, price) in enumerate(RECEIPT):
        page.append(line(item, 100, 100 + 30 * row))
        if price:
            page.append(line(price, 600 - 10 * len(price), 102 + 30 * row))
    expected = [f"{item} {price}" if price else item for item, price in RECEIPT]
    assert read(turned(page, degrees)) == expected


@pytest.mark.parametrize("degrees", SKEWS)
def test_a_table_is_read_row_by_row(degrees: float) -> None:
    cells = [[f"{row * column}.{row}" for column in range(1, 7)] for row in range(1, 21)]
    page = [
        line(text, 100 + 150 * column, 100 + 28 * row)
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    ]
    assert read(turned(page, degrees)) == [" ".join(texts) for texts in cells]


def test_pieces_of_a_line_are_joined_and_those_of_the_next_line_are_not() -> None:
    rows = [["Once upon", "a time there was"], ["a harbour", "beyond", "the sea"], ["and a lantern"]]
    page = []
    for row, texts in enumerate(rows):
        x = 100.0
        for text in texts:
            page.append(line(text, x, 100 + PITCH * row))
            x += 10 * len(text) + 12
    assert read(page) == [" ".join(texts) for texts in rows]


def test_boxes_of_one_line_may_overlap_at_their_ends() -> None:
    page = [line("Once upon", 100, 100, width=100), line("a time", 192, 101)]
    assert read(page) == ["Once upon a time"]


def test_one_box_over_another_is_not_joined_with_it() -> None:
    page = [line("seen once", 100, 100), line("seen twice", 104, 102)]
    assert read(page) == ["seen once", "seen twice"]


def test_a_large_initial_begins_the_first_of_its_rows() -> None:
    page = [
        line("O", 100, 100, 68, width=50),
        *(line(f"row {n} of the text", 160, 100 + PITCH * n) for n in range(3)),
    ]
    assert read(page) == ["O row 0 of the text", "row 1 of the text", "row 2 of the text"]


def test_a_long_row_follows_the_bend_of_its_page() -> None:
    page = [
        line(f"r{row}c{column}", 60 + 110 * column, 100 + 26 * row + (column - 5) ** 2)
        for row in range(5)
        for column in range(10)
    ]
    assert read(page) == [" ".join(f"r{row}c{column}" for column in range(10)) for row in range(5)]


def test_confidence_is_weighted_by_length() -> None:
    quads = [each.bbox for each in (line("abcdefgh", 100, 100), line("ij", 190, 100))]
    joined = only([Line("abcdefgh", 1.0, quads[0]), Line("ij", 0.5, quads[1])])
    assert joined.text == "abcdefgh ij"
    assert joined.confidence == pytest.approx(0.9)


def test_script_and_engine_are_those_of_most_characters() -> None:
    quads = [line("x" * 10, 100 + 110 * n, 100).bbox for n in range(4)]
    joined = only(
        [
            Line("2026-11-21-", 0.9, quads[0], script="Zyyy", engine="a"),
            Line("Ελληνικά", 0.9, quads[1], script="Grek", engine="b"),
            Line("Latin", 0.9, quads[2], script="Latn", engine="a"),
            Line("12", 0.9, quads[3], script="Zyyy", engine="b"),
        ]
    )
    assert (joined.script, joined.engine) == ("Grek", "a")
    assert (
        only([Line("12", 1.0, quads[0], script="Zyyy"), Line("3", 1.0, quads[1], script="Zyyy")]).script
        == "Zyyy"
    )


def test_words_keep_their_places_and_a_piece_without_words_counts_as_one() -> None:
    first, second = line("Once upon", 100, 100), line("time", 210, 100)
    words = (Word("Once", 0.9, line("Once", 100, 100).bbox), Word("upon", 0.9, line("upon", 150, 100).bbox))
    joined = only([Line(first.text, 0.9, first.bbox, words), second])
    assert joined.words == (*words, Word("time", 0.9, second.bbox))
    assert only([first, second]).words == ()


@pytest.mark.parametrize("degrees", SKEWS)
def test_the_box_of_a_joined_line_is_the_smallest_along_its_text(degrees: float) -> None:
    whole = turned([line("x", 300, 800, width=600)], degrees)[0].bbox
    parts = turned([line("left", 300, 800, width=120), line("right", 700, 800, width=200)], degrees)
    assert flat(only(parts).bbox) == pytest.approx(flat(whole), abs=1e-6)


def test_the_box_of_a_joined_line_stays_on_the_page() -> None:
    page = [line("left", -5, -3), line("right", WIDTH - 30, 2, width=60)]
    left, top, right, bottom = box(only(page).bbox)
    assert (left, top, right) == (0, 0, WIDTH)
    assert bottom < HEIGHT


def test_a_line_that_is_joined_with_none_is_given_back_as_it_came() -> None:
    page = turned(prose("A", 100, 100, 5), 4)
    blocks, _ = arrange(page, WIDTH, HEIGHT)
    assert [each for block in blocks for each in block.lines] == page


def flat(quad: Quad) -> list[float]:
    return [coordinate for point in quad for coordinate in point]
