"""Words with their places, spaces and baselines."""

from __future__ import annotations

import math

import pytest

from offing.ocr.engine.page import Line, Word, box
from offing.ocr.writers.placed import DESCENT, baseline, pixel_box, words_of
from tests.ocr.writers.pages import cell, line, page, rectangle, skewed


def test_spaces_are_where_the_lines_text_has_them() -> None:
    mixed = Line("漢字 かな文", 1.0, rectangle(0, 0, 100, 20), (*_words("漢字", "かな", "文"),))
    assert [word.spaced for word in words_of(mixed)] == [True, False, False]


def test_words_that_the_lines_text_does_not_have_are_spaced() -> None:
    other = Line("something else", 1.0, rectangle(0, 0, 100, 20), (*_words("one", "two"),))
    assert [word.spaced for word in words_of(other)] == [True, False]


def test_words_without_text_are_left_out() -> None:
    assert [word.text for word in words_of(line("one", " \x00 ", "two"))] == ["one", "two"]
    assert words_of(line("", "\x1b")) == []


def test_a_line_without_words_is_cut_at_its_spaces_by_its_characters() -> None:
    words = words_of(Line("ab cdef", 0.5, rectangle(0, 0, 70, 20)))
    assert [(word.text, box(word.bbox)) for word in words] == [
        ("ab", (0, 0, 20, 20)),
        ("cdef", (30, 0, 70, 20)),
    ]


def test_a_vertical_line_without_words_is_cut_downwards() -> None:
    words = words_of(Line("縦 書き", 0.5, rectangle(0, 0, 20, 80), vertical=True))
    assert [box(word.bbox) for word in words] == [(0, 0, 20, 20), (0, 40, 20, 80)]


def test_confidence_stays_within_its_bounds() -> None:
    assert [word.confidence for word in words_of(Line("a b", 1.7, rectangle(0, 0, 9, 9)))] == [1.0, 1.0]


@pytest.mark.parametrize("degrees", [-15, -3, 0, 8, 90, 180, 270])
def test_the_baseline_follows_the_lines_tilt(degrees: float) -> None:
    (tilted,) = skewed([line("Tilted", at=(350, 480), height=40)], degrees)
    base = baseline(tilted)
    assert math.cos(base.angle) == pytest.approx(math.cos(math.radians(degrees)))
    assert math.sin(base.angle) == pytest.approx(math.sin(math.radians(degrees)), abs=1e-9)
    assert base.height == pytest.approx(40)
    assert base.span(tilted.bbox) == pytest.approx((0, 120))
    foot = tilted.bbox[3]
    assert math.dist(base.start, foot) == pytest.approx(DESCENT * 40)


def test_a_vertical_lines_baseline_runs_down() -> None:
    base = baseline(Line("縦書き", 1.0, rectangle(100, 50, 40, 120), vertical=True))
    assert (base.angle, base.height) == pytest.approx((math.pi / 2, 40))
    assert base.span(rectangle(100, 90, 40, 80)) == pytest.approx((40, 120))


def test_boxes_are_whole_pixels_inside_the_page() -> None:
    assert pixel_box(rectangle(-3.2, 10.6, 1000, 20.1), page()) == (0, 10, 800, 31)


def test_a_line_that_is_a_point_has_a_height_all_the_same() -> None:
    assert baseline(Line("x", 1.0, ((5, 5),) * 4)).height == 1
    assert words_of(cell("", 0, 0)) == []


def _words(*texts: str) -> list[Word]:
    return [Word(text, 1.0, rectangle(0, 0, 10, 20)) for text in texts]
