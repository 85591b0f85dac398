"""Palettes of known colours, and what holds of every palette."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.insights.engine.palette import MOST, dominant_color, palette
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import Swatch
from tests.insights.engine.pictures import Samples, evening, flat, gray, photograph, pictures, steady, waves

any_color = st.integers(0, 2**24 - 1).map("#{:06x}".format)


@steady
@given(any_color)
def test_one_color_is_its_own_palette(color: str) -> None:
    assert palette(Pixels(flat(color))) == (Swatch(color, 1.0),)


def test_two_colors_come_with_their_shares_the_larger_first() -> None:
    samples = np.concatenate([flat("#1040c0", height=1), flat("#f0e0d0", height=3)])
    assert palette(Pixels(samples)) == (Swatch("#f0e0d0", 0.75), Swatch("#1040c0", 0.25))


def test_six_distinct_colors_are_all_found_exactly() -> None:
    colors = ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffff00"]
    samples = np.concatenate([flat(color, height=2) for color in colors], axis=1)
    assert {swatch.color for swatch in palette(Pixels(samples))} == set(colors)


def test_equal_shares_are_ordered_by_color() -> None:
    samples = np.concatenate([flat("#ffffff"), flat("#00ff00"), flat("#000000")])
    assert [swatch.color for swatch in palette(Pixels(samples))] == ["#000000", "#00ff00", "#ffffff"]


def test_near_colors_become_one_with_the_mean_of_their_light() -> None:
    # Levels 10 and 24 have 0.00304 and 0.00913 of the light of white, 0.00608 on average: level 18, where
    # the mean of the levels is 17.
    assert palette(Pixels(gray([10, 24]))) == (Swatch("#121212", 1.0),)
    assert len(palette(Pixels(gray([10, 40])))) == 2


def test_levels_on_both_sides_of_a_box_are_not_torn_apart() -> None:
    assert palette(Pixels(gray([127, 128], [127, 128]))) == (Swatch("#808080", 1.0),)


def test_a_few_stray_pixels_have_no_entry_but_a_small_patch_has() -> None:
    samples = flat("#ffffff", 50, 50)
    samples[0, 0] = 0
    assert palette(Pixels(samples)) == (Swatch("#ffffff", 1.0),)
    samples[:5, :5] = (200, 0, 0)
    assert palette(Pixels(samples)) == (Swatch("#ffffff", 0.99), Swatch("#c80000", 0.01))


@steady
@given(pictures())
def test_a_palette_has_one_to_six_colors_in_order_with_shares_that_sum_to_one(samples: Samples) -> None:
    swatches = palette(Pixels(samples))
    shares = [swatch.share for swatch in swatches]
    assert 1 <= len(swatches) <= MOST
    assert sum(round(share * 10_000) for share in shares) == 10_000
    assert shares == sorted(shares, reverse=True)
    assert len({swatch.color for swatch in swatches}) == len(swatches)
    assert dominant_color(Pixels(samples)) == swatches[0].color


@steady
@given(pictures(), st.randoms(use_true_random=False))
def test_a_palette_does_not_depend_on_where_the_pixels_are(samples: Samples, chance: Random) -> None:
    pixels = samples.reshape(-1, *samples.shape[2:])
    order = list(range(len(pixels)))
    chance.shuffle(order)
    assert palette(Pixels(pixels[order][None])) == palette(Pixels(samples))


@pytest.mark.parametrize("samples", [evening(), *(photograph(seed, 120, 200) for seed in range(4))])
def test_pixels_are_much_nearer_to_the_palette_than_to_their_average(samples: Samples) -> None:
    colors = np.array([list(bytes.fromhex(swatch.color[1:])) for swatch in palette(Pixels(samples))])
    pixels = samples.reshape(-1, 3).astype(float)
    to_palette = np.linalg.norm(pixels[:, None] - colors, axis=2).min(axis=1)
    to_average = np.linalg.norm(pixels - pixels.mean(axis=0), axis=1)
    assert to_palette.mean() < 0.7 * to_average.mean()


def test_a_picture_of_very_many_colors_has_the_same_palette_on_every_machine() -> None:
    assert palette(Pixels(waves(60, 90))) == (
        Swatch("#979d85", 0.318),
        Swatch("#a5dead", 0.2794),
        Swatch("#64439c", 0.135),
        Swatch("#b74d45", 0.0989),
        Swatch("#c144d3", 0.0944),
        Swatch("#302c51", 0.0743),
    )
