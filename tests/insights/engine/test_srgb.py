"""The sRGB curve and relative luminance."""

from __future__ import annotations

import pytest

from offing.insights.engine.srgb import LINEAR, encode, hexadecimal, relative_luminance


def test_every_level_comes_back_from_linear_light() -> None:
    assert [encode(float(light)) for light in LINEAR] == list(range(256))


def test_linear_light_is_that_of_the_standard() -> None:
    # 10 is the last level on the straight part; 188 is the level nearest to half the light of white.
    assert LINEAR[[0, 10, 11, 188, 255]] == pytest.approx([0, 0.0030353, 0.0033465, 0.5028865, 1], abs=5e-8)


@pytest.mark.parametrize(("light", "level"), [(-0.1, 0), (0.5, 188), (1.2, 255)])
def test_light_becomes_the_nearest_level_and_is_clipped(light: float, level: int) -> None:
    assert encode(light) == level


def test_a_color_is_written_with_two_digits_a_channel() -> None:
    assert hexadecimal((0.0, float(LINEAR[10]), 1.0)) == "#000aff"


@pytest.mark.parametrize(
    ("color", "luminance"),
    [("#000000", 0.0), ("#ff0000", 0.2126), ("#00ff00", 0.7152), ("#0000ff", 0.0722), ("#ffffff", 1.0)],
)
def test_relative_luminance_weighs_the_channels_as_wcag_says(color: str, luminance: float) -> None:
    assert relative_luminance(color) == pytest.approx(luminance)
