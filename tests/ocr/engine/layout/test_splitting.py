"""A box over two columns is taken apart where its words say so, and left whole where they don't."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line, Word
from tests.ocr.engine.layout.pages import HEIGHT, PITCH, SIZE, WIDTH, line, names, numbered, turned

ROW = 7


def worded(text: str, x: float, y: float, width: float) -> Line:
    """A row whose words are spread over its width, each letter as wide as the next."""
    letter, words = width / len(text), []
    start = 0
    for word in text.split():
        start = text.index(word, start)
        words.append(Word(word, 0.5, line(word, x + start * letter, y, width=len(word) * letter).bbox))
        start += len(word)
    return Line(text, 0.9, line(text, x, y, width=width).bbox, tuple(words))


def column(name: str, x: float) -> list[Line]:
    return [
        worded(f"{name}{row + 1} harbour lantern rope and keel", x, 100 + PITCH * row, 400)
        for row in range(16)
    ]


def over(left: Line, right: Line) -> Line:
    (a, _, _, d), (_, b, c, _) = left.bbox, right.bbox
    return Line(f"{left.text} {right.text}", 0.9, (a, b, c, d), left.words + right.words)


@pytest.mark.parametrize("degrees", [-10.0, 0.0, 10.0])
def test_a_box_over_two_columns_is_read_in_both(degrees: float) -> None:
    left, right = column("A", 100), column("B", 500 + SIZE)
    page = [*left[:ROW], *left[ROW + 1 :], *right[:ROW], *right[ROW + 1 :], over(left[ROW], right[ROW])]
    assert names(turned(page, degrees)) == numbered("A", 16) + numbered("B", 16)


def test_its_halves_have_the_places_the_words_and_the_confidence_of_their_words() -> None:
    left, right = column("A", 100), column("B", 500 + SIZE)
    page = [*left[:ROW], *left[ROW + 1 :], *right[:ROW], *right[ROW + 1 :], over(left[ROW], right[ROW])]
    blocks, _ = arrange(page, WIDTH, HEIGHT)
    half = blocks[0].lines[ROW]
    assert half.text == left[ROW].text
    assert half.words == left[ROW].words
    assert half.confidence == pytest.approx(0.5)
    assert [coordinate for point in half.bbox for coordinate in point] == pytest.approx(
        [coordinate for point in left[ROW].bbox for coordinate in point]
    )


def test_a_line_over_two_columns_without_white_at_the_gutter_is_left_whole() -> None:
    left, right = column("A", 100), column("B", 500 + SIZE)
    wide = worded(
        "X1 harbour lantern rope and keel goes over the gutter of the page", 100, 100 + PITCH * ROW, 820
    )
    page = [*left[:ROW], *left[ROW + 1 :], *right[:ROW], *right[ROW + 1 :], wide]
    assert wide.text in [each.text for block in arrange(page, WIDTH, HEIGHT)[0] for each in block.lines]


def test_a_large_heading_is_left_whole() -> None:
    left, right = column("A", 100), column("B", 500 + SIZE)
    heading = over(worded("HEADING of", 300, 40, 200), worded("two columns", 500 + SIZE, 40, 200))
    heading = Line(heading.text, 0.9, line("", 300, 40, 40, width=420).bbox, heading.words)
    assert names([heading, *left, *right])[0] == "HEADING"
