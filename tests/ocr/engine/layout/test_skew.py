"""How far a page's text descends, found from its boxes."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line
from tests.ocr.engine.layout.pages import HEIGHT, WIDTH, down, line, prose, turned

ANGLES = [-15.0, -8.0, -1.0, -0.2, 0.0, 0.3, 4.0, 11.0, 15.0]


def skew(lines: list[Line]) -> float:
    return arrange(lines, WIDTH, HEIGHT)[1]


@pytest.mark.parametrize("degrees", ANGLES)
def test_the_skew_of_a_turned_page_is_the_angle_it_was_turned_by(degrees: float) -> None:
    page = prose("A", 100, 100, 30)
    assert skew(turned(page, degrees)) == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize("degrees", ANGLES)
def test_text_written_downwards_tells_the_skew_as_well(degrees: float) -> None:
    page = [down("日本語の文章です" * 4, 900 - 30 * column, 100) for column in range(9)]
    assert skew(turned(page, degrees)) == pytest.approx(degrees, abs=1e-6)


def test_many_short_boxes_of_any_angle_do_not_outvote_a_few_long_ones() -> None:
    stray = [turned([line("x", 40 * n, 900)], n % 40)[0] for n in range(60)]
    assert skew(turned(prose("A", 100, 100, 3), 5) + stray) == pytest.approx(5, abs=1e-6)


def test_text_that_stands_across_the_page_has_no_vote() -> None:
    margin = turned([line("a very long note in the margin of the page " * 2, 200, 800)], 90)
    assert skew(turned(prose("A", 100, 100, 3), 3) + margin) == pytest.approx(3, abs=1e-6)


def test_short_boxes_vote_where_there_are_no_others() -> None:
    assert skew(turned([line("ab", 100, 100)], 6)) == pytest.approx(6, abs=1e-6)


def test_a_page_without_text_or_with_boxes_without_size_has_none() -> None:
    nothing = ((5.0, 5.0), (5.0, 5.0), (5.0, 5.0), (5.0, 5.0))
    assert skew([]) == 0
    assert skew([Line("x", 1.0, nothing)]) == 0
