"""Buckets that do not overlap and sum to 100."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from offing.insights.engine.corrected_histogram import LABELS, histogram_corrected
from offing.insights.engine.pixels import Pixels
from tests.insights.engine.pictures import Samples, flat, gray, pictures, steady


def filled(samples: Samples) -> dict[str, float]:
    return {bucket.range: bucket.percent for bucket in histogram_corrected(Pixels(samples)) if bucket.percent}


@pytest.mark.parametrize("level", range(256))
def test_a_gray_level_is_in_the_one_bucket_whose_label_holds_it(level: int) -> None:
    (label,) = filled(gray([level]))
    low, high = map(int, label.split("-"))
    assert low <= level <= high


@pytest.mark.parametrize("level", [51, 102, 128, 153, 179, 204, 230])
def test_a_level_on_a_bound_opens_its_bucket(level: int) -> None:
    (label,) = filled(gray([level]))
    assert label.startswith(f"{level}-")


def test_the_labels_follow_one_another_from_0_to_255() -> None:
    bounds = [tuple(map(int, label.split("-"))) for label in LABELS]
    assert (bounds[0][0], bounds[-1][1]) == (0, 255)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(bounds))


@pytest.mark.parametrize(
    ("color", "label"),
    [
        ("#1a1919", "0-25"),  # 25.2126
        ("#191a19", "26-50"),  # 25.7152
        ("#ffff00", "230-255"),  # 236.589
        ("#00ff00", "179-203"),  # 182.376
    ],
)
def test_luma_between_whole_levels_is_divided_at_25_5(color: str, label: str) -> None:
    assert filled(flat(color)) == {label: 100.0}


def test_three_equal_parts_get_the_tenth_that_is_left_from_the_darkest() -> None:
    assert filled(gray([0, 100, 255])) == {"0-25": 33.4, "77-101": 33.3, "230-255": 33.3}


@steady
@given(pictures())
def test_the_percentages_sum_to_exactly_100_and_are_near_the_counts(samples: Samples) -> None:
    buckets = histogram_corrected(Pixels(samples))
    luma = Pixels(samples).luma
    assert [bucket.range for bucket in buckets] == list(LABELS)
    assert sum(Fraction(str(bucket.percent)) for bucket in buckets) == 100
    for place, bucket in enumerate(buckets):
        inside = (luma >= place * 255_000) & (luma < (place + 1) * 255_000 + (place == 9))
        assert bucket.percent == pytest.approx(100 * np.mean(inside), abs=0.1)
