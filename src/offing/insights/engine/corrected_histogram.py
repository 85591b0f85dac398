"""Luma in ten equal buckets that do not overlap and whose percentages sum to 100."""

from __future__ import annotations

import numpy as np

from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import CorrectedBucket
from offing.insights.engine.shares import apportion

_WIDTH = 255_000
"""Ten-thousandths of a luma level in one bucket: 25.5 levels."""

LABELS = (
    "0-25", "26-50", "51-76", "77-101", "102-127", "128-152", "153-178", "179-203", "204-229", "230-255",
)  # fmt: skip
"""The whole luma levels in each bucket: bucket i goes from 25.5 i to below 25.5 (i + 1), the last to 255."""


def histogram_corrected(pixels: Pixels) -> tuple[CorrectedBucket, ...]:
    """Ten buckets of exact luma; the decimals of their percentages sum to exactly 100.0.

    Tenths of a percent go to the buckets by the largest-remainder method.
    """
    buckets = pixels.luma // np.int32(_WIDTH)
    counts = np.bincount(buckets.ravel(), minlength=len(LABELS) + 1)
    # White is the one luma value at the upper end of the last bucket.
    counts[-2] += counts[-1]
    tenths = apportion(counts[:-1].tolist(), 1000)
    return tuple(CorrectedBucket(label, part / 10) for label, part in zip(LABELS, tenths, strict=True))
