"""What holds of every page, however odd its boxes."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line, box
from tests.ocr.engine.layout.pages import HEIGHT, WIDTH, line, prose, turned

steady = settings(max_examples=150, deadline=None, derandomize=True)
"""The same examples in every run, and no limit on the time of one: the machine may be busy."""

_places = st.one_of(
    st.integers(-50, 1300).map(float), st.floats(-1e5, 1e5), st.sampled_from([0.0, 1e9, -1e9])
)
_points = st.tuples(_places, _places)
_texts = st.sampled_from(["", " ", "a", "harbour lantern", "12.50", "ميناء وراء", "港口", "た", "word " * 9])


@st.composite
def boxes(draw: st.DrawFn) -> Line:
    """A box of any place and shape: upright and plausible, or any four points."""
    script = draw(st.sampled_from(["Latn", "Zyyy", "Arab", "Jpan"]))
    vertical = draw(st.booleans())
    if draw(st.booleans()):
        quad = draw(st.tuples(_points, _points, _points, _points))
    else:
        x, y, size = draw(st.integers(0, 1000)), draw(st.integers(0, 1500)), draw(st.integers(0, 40))
        quad = line("x", x, y, size, width=draw(st.integers(1, 500))).bbox
    return Line(draw(_texts), draw(st.floats(0, 1)), quad, script=script, vertical=vertical)


def letters(texts: list[str]) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


@steady
@given(st.lists(boxes(), max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_the_boxes_does_not_matter(lines: list[Line], chance: Random) -> None:
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert arrange(shuffled, WIDTH, HEIGHT) == arrange(lines, WIDTH, HEIGHT)


@steady
@given(st.lists(boxes(), max_size=25))
def test_no_text_is_lost_and_none_appears(lines: list[Line]) -> None:
    blocks, skew = arrange(lines, WIDTH, HEIGHT)
    assert letters([each.text for block in blocks for each in block.lines]) == letters(
        [each.text for each in lines]
    )
    assert all(block.lines for block in blocks)
    assert -45 <= skew <= 45


@pytest.mark.parametrize("degrees", [-15, -7, -1, 1, 5, 15])
def test_the_order_does_not_depend_on_the_skew(degrees: float) -> None:
    page = prose("A", 100, 100, 20) + prose("B", 540, 100, 14) + prose("C", 540, 470, 6)
    page += [
        line("Item", 100, 700),
        line("12.50", 400, 700),
        line("Other item", 100, 730),
        line("9.10", 400, 730),
    ]

    def order(lines: list[Line]) -> list[list[str]]:
        return [[each.text for each in block.lines] for block in arrange(lines, WIDTH, HEIGHT)[0]]

    assert order(turned(page, degrees)) == order(page)


def test_a_page_without_text_has_no_blocks() -> None:
    assert arrange([], WIDTH, HEIGHT) == ((), 0.0)


def test_a_page_of_one_word_is_one_block_of_it() -> None:
    word = line("Harbour", 500, 700)
    blocks, skew = arrange([word], WIDTH, HEIGHT)
    assert [block.lines for block in blocks] == [(word,)]
    assert box(blocks[0].bbox) == pytest.approx(box(word.bbox))
    assert skew == 0


def test_equal_boxes_are_all_kept() -> None:
    blocks, _ = arrange([line("again", 100, 100)] * 5, WIDTH, HEIGHT)
    assert [each.text for block in blocks for each in block.lines] == ["again"] * 5


def many(kind: str) -> list[Line]:
    chance = np.random.default_rng(1)
    match kind:
        case "table":
            return [line("12.5", 60 * column, 20 * row, 16) for row in range(75) for column in range(40)]
        case "newspaper":
            return [
                line("words to fill the column", 420 * n, 20 * row, 18)
                for row in range(375)
                for n in range(8)
            ]
        case "one row":
            return [line("word", 50 * n, 0, 16) for n in range(3000)]
        case "one place":
            return [line("word word word", 0, 0, 16)] * 3000
        case _:
            return [
                line(
                    "w" * int(chance.integers(1, 60)),
                    chance.uniform(0, 3000),
                    chance.uniform(0, 4000),
                    chance.uniform(5, 45),
                )
                for _ in range(3000)
            ]


@pytest.mark.parametrize("kind", ["table", "newspaper", "one row", "one place", "chaos"])
def test_three_thousand_boxes_take_little_time(kind: str) -> None:
    page = many(kind)
    started = time.process_time()
    arrange(page, 4000, 8000)
    # Less than one on a quiet machine; a cubic step would take minutes.
    assert time.process_time() - started < 6
