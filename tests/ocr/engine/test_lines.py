"""Lines on the page: where a text begins, and where its words lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.crops import Corners
from offing.ocr.engine.lines import line_of
from offing.ocr.engine.page import Point, Quad
from offing.ocr.engine.recognised import Recognised, Span

WIDE: Corners = np.array([[10, 20], [110, 20], [110, 40], [10, 40]], np.float32)
TALL: Corners = np.array([[10, 20], [30, 20], [30, 120], [10, 120]], np.float32)
HALVES = (Span("ab", 0.9, 0.0, 0.5), Span("cd", 0.8, 0.5, 1.0))
LATIN = Recognised("ab cd", 0.85, HALVES, "some-engine")
HAN = Recognised("漢字 仮名", 0.85, (Span("漢字", 0.9, 0.0, 0.5), Span("仮名", 0.8, 0.5, 1.0)), "some-engine")


def quad(*points: Point) -> Quad:
    first, second, third, fourth = points
    return first, second, third, fourth


def test_a_line_keeps_what_was_read_and_how_surely() -> None:
    line = line_of(WIDE, LATIN, 0)
    assert (line.text, line.confidence, line.engine, line.script) == ("ab cd", 0.85, "some-engine", "Latn")
    assert [(word.text, word.confidence) for word in line.words] == [("ab", 0.9), ("cd", 0.8)]


def test_words_lie_side_by_side_along_a_level_line() -> None:
    line = line_of(WIDE, LATIN, 0)
    assert line.bbox == quad((10, 20), (110, 20), (110, 40), (10, 40))
    assert [word.bbox for word in line.words] == [
        quad((10, 20), (60, 20), (60, 40), (10, 40)),
        quad((60, 20), (110, 20), (110, 40), (60, 40)),
    ]


def test_text_that_runs_down_begins_at_the_top_right_of_its_box() -> None:
    line = line_of(TALL, LATIN, 90)
    assert not line.vertical
    assert line.bbox == quad((30, 20), (30, 120), (10, 120), (10, 20))
    assert line.words[0].bbox == quad((30, 20), (30, 70), (10, 70), (10, 20))


def test_text_that_runs_up_begins_at_the_bottom_left_of_its_box() -> None:
    line = line_of(TALL, LATIN, 270)
    assert line.bbox == quad((10, 120), (10, 20), (30, 20), (30, 120))
    assert line.words[0].bbox == quad((10, 120), (10, 70), (30, 70), (30, 120))


def test_han_that_runs_down_is_vertical_and_its_boxes_stand_upright() -> None:
    line = line_of(TALL, HAN, 90)
    assert line.vertical
    assert line.bbox == quad((10, 20), (30, 20), (30, 120), (10, 120))
    assert [word.bbox for word in line.words] == [
        quad((10, 20), (30, 20), (30, 70), (10, 70)),
        quad((10, 70), (30, 70), (30, 120), (10, 120)),
    ]


def test_han_that_runs_up_was_turned_on_its_side() -> None:
    assert not line_of(TALL, HAN, 270).vertical


@given(
    st.lists(st.tuples(st.floats(0, 5000), st.floats(0, 5000)), min_size=4, max_size=4),
    st.sampled_from([0, 90, 270]),
    st.sampled_from([LATIN, HAN]),
)
def test_the_words_of_any_box_share_its_corners(points: list[Point], turned: int, read: Recognised) -> None:
    line = line_of(np.array(points, np.float32), read, turned)
    first, last = line.words
    shared = {point for word in (first, last) for point in word.bbox}
    for corner in line.bbox:
        assert any(corner == pytest.approx(point, abs=0.06) for point in shared)
