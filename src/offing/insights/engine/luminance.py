"""The v1 numbers: Rec. 709 luminance, its average, median, edges and histogram.

They are computed from exact integers, which is faster than v1's floating point; and only where that
could have gone another way, at a tie of rounding or on the bound of a bucket, is v1's formula asked.
Source of the weights: ITU-R BT.709-6, section 3.2.
"""

from __future__ import annotations

import numpy as np

from offing.insights.engine.distribution import EVERYWHERE, FINE, UNIT, WHITE, Place, distribution
from offing.insights.engine.options import EdgeMode
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import Bucket

BUCKETS = 10
BUCKET = (WHITE + 1) / BUCKETS
TIE_MARGIN = 1e-7
LOWER = [int(i * BUCKET) for i in range(BUCKETS)]
UPPER = [(i + 1) * BUCKET for i in range(BUCKETS - 1)]
LABELS = [f"{int(i * BUCKET)}-{int((i + 1) * BUCKET) - 1}" for i in range(BUCKETS)]
BOUNDS = [(low * UNIT, float(low)) for low in LOWER] + [(round(high * UNIT), high) for high in UPPER]


class Luminance:
    """The luminance of an image's pixels, 0 (black) to 255 (white)."""

    def __init__(self, pixels: Pixels) -> None:
        self._distribution = distribution(pixels)

    def average(self) -> float:
        """The mean, unrounded; within rounding equal to v1's."""
        return self._mean([EVERYWHERE])

    def edge_average(self, mode: EdgeMode) -> float:
        """The mean over the edges, unrounded."""
        return self._mean(edge_places(*self._distribution.shape, mode))

    def median(self) -> float:
        """The median, unrounded: the mean of the two middle values where there are two."""
        size = self._distribution.size
        low = self._distribution.ranked((size - 1) // 2)
        high = low if size % 2 else self._distribution.ranked(size // 2)
        median = (low + high) / (2 * UNIT)
        return float(np.median(self._distribution.as_v1())) if _is_near_tie(median) else median

    def histogram(self) -> list[Bucket]:
        """Ten buckets that overlap as v1's do: flat gray 25, 76 or 153 is counted in two."""
        below = np.concatenate([[0], np.cumsum(self._distribution.fine_counts)])
        strays = self._distribution.strays(BOUNDS)
        starts = [below[low * UNIT // FINE] + strays[float(low)] for low in LOWER]
        ends = [below[round(high * UNIT) // FINE] + strays[high] for high in UPPER] + [below[-1]]
        total = self._distribution.size
        return [
            Bucket(label, percent(int(end - start), total))
            for label, start, end in zip(LABELS, starts, ends, strict=True)
        ]

    def _mean(self, places: list[Place]) -> float:
        sums, sizes = zip(*(self._distribution.total(place) for place in places), strict=True)
        mean: float = sum(sums) / (UNIT * sum(sizes))
        if not _is_near_tie(mean):
            return mean
        v1 = self._distribution.as_v1()
        if places == [EVERYWHERE]:
            return float(v1.mean())
        return float(np.concatenate([v1[place].ravel() for place in places]).mean())


def percent(count: int, total: int) -> float:
    """A share in percent, rounded as v1 does: ten times the float, half to even, a tenth of that.

    Python's own ``round`` looks at the float's exact value: of 0.05 it makes 0.1, where v1 says 0.0.
    """
    return round(count / total * 100 * 10) / 10


def score(luminance: float) -> int:
    """0 (black) to 100 (white), rounded half to even."""
    return round(luminance / WHITE * 100)


def edge_places(height: int, width: int, mode: EdgeMode) -> list[Place]:
    """Where the edges are: full-height sides; top and bottom, in ``all`` without the corners."""
    across, down = max(1, int(width * 0.1)), max(1, int(height * 0.1))
    everywhere = slice(None)
    sides = [(everywhere, slice(None, across)), (everywhere, slice(-across, None))]
    if mode == "left_right":
        return sides
    middle = slice(across, -across) if mode == "all" else everywhere
    ends = [(slice(None, down), middle), (slice(-down, None), middle)]
    return ends if mode == "top_bottom" else sides + ends


def _is_near_tie(value: float) -> bool:
    """Whether rounding to two decimals, or to a score, could fall either way."""
    return any(abs(scaled % 1 - 0.5) < TIE_MARGIN for scaled in (value * 100, value / WHITE * 100))
