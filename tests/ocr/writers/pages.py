"""Pages to write: words at known places, straight, skewed, turned, and whatever hypothesis thinks of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from offing.ocr.engine.page import Block, Line, Page, Point, Quad, Word
from offing.ocr.writers import FORMATS, PageImage, written

WIDTH, HEIGHT = 800, 1000


def rectangle(left: float, top: float, width: float, height: float) -> Quad:
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def line(
    *words: str, at: Point = (50, 50), height: float = 30, between: str = " ", to_left: bool = False
) -> Line:
    """A line of words, half as wide a character as it is high, the first one at the left or the right."""
    each = height / 2
    gap = each * len(between)
    width = sum(len(word) * each for word in words) + gap * (len(words) - 1)
    placed, behind = [], 0.0
    for word in words:
        wide = len(word) * each
        left = at[0] + (width - behind - wide if to_left else behind)
        placed.append(Word(word, 0.9, rectangle(left, at[1], wide, height)))
        behind += wide + gap
    return Line(between.join(words), 0.9, rectangle(*at, width, height), tuple(placed))


def cell(text: str, left: float, top: float, *, height: float = 20) -> Line:
    """A line without words."""
    return Line(text, 0.9, rectangle(left, top, len(text) * height / 2, height))


def page(*blocks: Sequence[Line], orientation: int = 0, dpi: float = 72, number: int = 1) -> Page:
    """A page that stands upright, or lies as ``orientation`` says."""
    upright = tuple(Block(tuple(lines), _around(lines)) for lines in blocks)
    straight = Page(WIDTH, HEIGHT, upright, dpi=dpi, number=number)
    return turned(straight, orientation)


def turned(upright: Page, orientation: int) -> Page:
    """The page as it is displayed when its content is turned clockwise by a multiple of 90 degrees."""
    wide, high = upright.width, upright.height

    def moved(point: Point) -> Point:
        x, y = point
        return {0: (x, y), 90: (high - y, x), 180: (wide - x, high - y), 270: (y, wide - x)}[orientation]

    lying = orientation in {90, 270}
    size = (high, wide) if lying else (wide, high)
    blocks = tuple(_moved_block(block, moved) for block in upright.blocks)
    return Page(*size, blocks, upright.number, orientation, upright.skew, dpi=upright.dpi)


def skewed(lines: Sequence[Line], degrees: float) -> list[Line]:
    """The lines turned clockwise about the page's middle."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def moved(point: Point) -> Point:
        x, y = point[0] - WIDTH / 2, point[1] - HEIGHT / 2
        return WIDTH / 2 + x * cosine - y * sine, HEIGHT / 2 + x * sine + y * cosine

    return list(_moved_block(Block(tuple(lines), lines[0].bbox), moved).lines)


def _moved_block(block: Block, moved: object) -> Block:
    assert callable(moved)

    def place(quad: Quad) -> Quad:
        a, b, c, d = map(moved, quad)
        return a, b, c, d

    lines = tuple(
        Line(
            each.text,
            each.confidence,
            place(each.bbox),
            tuple(Word(word.text, word.confidence, place(word.bbox)) for word in each.words),
            vertical=each.vertical,
        )
        for each in block.lines
    )
    return Block(lines, place(block.bbox))


def _around(lines: Sequence[Line]) -> Quad:
    xs = [x for each in lines for x, _ in each.bbox] or [0.0]
    ys = [y for each in lines for _, y in each.bbox] or [0.0]
    return rectangle(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def white(of: Page) -> PageImage:
    return PageImage(blank(of.width, of.height))


def blank(width: int, height: int) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 255, np.uint8)


def write(name: str, *pages: Page) -> bytes:
    return b"".join(written(FORMATS[name], [(each, white(each)) for each in pages]))


_anything = st.text(max_size=12) | st.text(st.characters(), max_size=300)
_coordinate = st.floats(-50, 1200, width=32)
_quads = st.tuples(*[st.tuples(_coordinate, _coordinate)] * 4)


@st.composite
def _lines(draw: st.DrawFn) -> Line:
    words = draw(st.lists(st.builds(Word, _anything, st.floats(0, 1), _quads), max_size=3))
    text = draw(_anything | st.just(" ".join(word.text for word in words)))
    return Line(text, draw(st.floats(0, 1)), draw(_quads), tuple(words), vertical=draw(st.booleans()))


@st.composite
def any_page(draw: st.DrawFn) -> Page:
    """Any text, surrogates and controls too, at any place, degenerate quadrilaterals too."""
    lines = draw(st.lists(_lines(), max_size=3))
    blocks = tuple(Block((each,), each.bbox) for each in lines)
    orientation = draw(st.sampled_from([0, 90, 180, 270]))
    return Page(draw(st.integers(1, 900)), draw(st.integers(1, 900)), blocks, orientation=orientation)
