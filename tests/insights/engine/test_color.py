"""Colourfulness, average colour, tone and text colour against figures by hand and the papers' formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from offing.insights.engine.color import average_color, colorfulness, text_color, tone
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import TextColor
from tests.insights.engine.pictures import Samples, flat, gray, photograph, pictures, steady


def halves(first: str, second: str) -> Pixels:
    return Pixels(np.concatenate([flat(first), flat(second)]))


def test_gray_is_not_colorful() -> None:
    assert colorfulness(Pixels(gray([0, 90], [200, 255]))) == 0
    assert colorfulness(halves("#333333", "#eeeeee")) == 0


def test_colorfulness_is_as_by_hand() -> None:
    # Red lies at (255, 127.5) on the two axes: no spread, 0.3 times the length. Cyan lies opposite.
    assert colorfulness(Pixels(flat("#ff0000"))) == 85.53
    assert colorfulness(halves("#ff0000", "#00ffff")) == 285.1


@steady
@given(pictures())
def test_colorfulness_agrees_with_the_formula_of_the_paper(samples: Samples) -> None:
    red, green, blue = (Pixels(samples).rgb[..., channel].astype(float) for channel in range(3))
    axes = (red - green, (red + green) / 2 - blue)
    expected = np.hypot(*(axis.std() for axis in axes)) + 0.3 * np.hypot(*(axis.mean() for axis in axes))
    assert colorfulness(Pixels(samples)) == pytest.approx(expected, abs=0.0051)
    assert 0 <= colorfulness(Pixels(samples)) <= 297.7


def test_the_average_of_black_and_white_is_half_the_light_not_half_the_level() -> None:
    assert average_color(halves("#000000", "#ffffff")) == "#bcbcbc"


def test_the_average_of_one_color_is_that_color() -> None:
    assert average_color(Pixels(flat("#0a80fe"))) == "#0a80fe"


def test_the_average_color_is_within_the_range_of_each_channel() -> None:
    samples = photograph(3, 60, 80)
    average = bytes.fromhex(average_color(Pixels(samples))[1:])
    for channel, level in enumerate(average):
        # Linear light weighs the bright more than the plain mean of levels does.
        assert samples[..., channel].mean() <= level <= samples[..., channel].max()


@pytest.mark.parametrize(("level", "expected"), [(0, "dark"), (117, "dark"), (118, "light"), (255, "light")])
def test_the_tone_turns_where_black_and_white_text_contrast_equally(level: int, expected: str) -> None:
    assert tone(Pixels(gray([level]))) == expected


@pytest.mark.parametrize(
    ("background", "expected"),
    [
        ("#ffffff", TextColor("#000000", 21.0, aa=True, aaa=True)),
        ("#000000", TextColor("#ffffff", 21.0, aa=True, aaa=True)),
        ("#ff0000", TextColor("#000000", 5.25, aa=True, aaa=False)),
        ("#0000ff", TextColor("#ffffff", 8.59, aa=True, aaa=True)),
        ("#777777", TextColor("#000000", 4.69, aa=True, aaa=False)),
    ],
)
def test_text_is_black_or_white_with_the_ratio_of_wcag(background: str, expected: TextColor) -> None:
    assert text_color(Pixels(flat(background))) == expected


@steady
@given(pictures())
def test_the_better_text_color_always_reaches_aa_and_goes_with_the_tone(samples: Samples) -> None:
    pixels = Pixels(samples)
    text = text_color(pixels)
    assert text.aa
    assert 4.58 <= text.ratio <= 21
    assert text.color == {"light": "#000000", "dark": "#ffffff"}[tone(pixels)]
