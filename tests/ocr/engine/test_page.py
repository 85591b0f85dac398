"""Pages: turned and turned back they are the same."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.page import Block, Line, Page, Quad, Word, box, laid, upright

TURNS = (0, 90, 180, 270)
_SIDES = st.integers(1, 30_000)
_CONFIDENCES = st.floats(0, 1)
_TEXTS = st.text(max_size=8)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """An upright page whose places have one decimal, as recognition gives them."""
    width, height = draw(_SIDES), draw(_SIDES)
    xs, ys = (st.integers(0, 10 * side).map(lambda tenths: tenths / 10) for side in (width, height))
    points = st.tuples(xs, ys)
    quads = st.tuples(points, points, points, points)
    words = st.builds(Word, _TEXTS, _CONFIDENCES, quads)
    lines = st.builds(Line, _TEXTS, _CONFIDENCES, quads, st.lists(words, max_size=2).map(tuple))
    blocks = st.builds(Block, st.lists(lines, max_size=2).map(tuple), quads)
    return Page(width, height, tuple(draw(st.lists(blocks, max_size=2))), skew=draw(st.floats(-15, 15)))


def quads_of(page: Page) -> list[Quad]:
    return [
        quad
        for block in page.blocks
        for quad in (
            block.bbox,
            *(line.bbox for line in block.lines),
            *(word.bbox for line in block.lines for word in line.words),
        )
    ]


@given(pages(), st.sampled_from(TURNS))
def test_a_page_laid_and_set_upright_again_is_the_page(page: Page, orientation: int) -> None:
    assert upright(laid(page, orientation)) == page


@given(pages(), st.sampled_from(TURNS))
def test_a_laid_page_tells_its_turn_and_keeps_its_places_on_it(page: Page, orientation: int) -> None:
    turned = laid(page, orientation)
    assert turned.orientation == orientation
    sides = (page.width, page.height) if orientation in {0, 180} else (page.height, page.width)
    assert (turned.width, turned.height) == sides
    assert [line.text for line in turned.lines] == [line.text for line in page.lines]
    for quad in quads_of(turned):
        assert all(0 <= x <= turned.width and 0 <= y <= turned.height for x, y in quad)


@pytest.mark.parametrize(
    ("orientation", "corner"), [(0, (0, 0)), (90, (200, 0)), (180, (100, 200)), (270, (0, 100))]
)
def test_text_at_the_top_left_goes_where_a_clockwise_turn_takes_it(
    orientation: int, corner: tuple[float, float]
) -> None:
    quad = ((0.0, 0.0), (10.0, 0.0), (10.0, 5.0), (0.0, 5.0))
    line = laid(Page(100, 200, (Block((Line("a", 1, quad),), quad),)), orientation).blocks[0].lines[0]
    assert line.bbox[0] == corner


def test_places_of_a_turned_page_are_written_as_short_as_they_were() -> None:
    quad = ((999.9, 0.1), (999.9, 0.1), (999.9, 0.1), (999.9, 0.1))
    page = laid(Page(1000, 1000, (Block((), quad),)), 180)
    assert msgspec.json.encode(page.blocks[0].bbox[0]) == b"[0.1,999.9]"


def test_lines_are_told_apart_by_a_line_feed_and_blocks_by_an_empty_line() -> None:
    quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    first = Block((Line("a", 1, quad), Line("b", 1, quad)), quad)
    page = Page(9, 9, (first, Block((Line("c", 1, quad),), quad)))
    assert page.text == "a\nb\n\nc"
    assert [line.text for line in page.lines] == ["a", "b", "c"]


@given(pages())
def test_a_page_written_as_json_is_read_back_the_same(page: Page) -> None:
    assert msgspec.json.decode(msgspec.json.encode(page), type=Page) == page


def test_the_box_of_a_quadrilateral_is_the_smallest_around_it() -> None:
    assert box(((5, 1), (9, 4), (6, 8), (2, 3))) == (2, 1, 9, 8)
