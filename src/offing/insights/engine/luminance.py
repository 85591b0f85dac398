"""The v1 numbers: Rec. 709 luminance, its average, median, edges and histogram.

v1 defines them in floating point: ``0.2126 R + 0.7152 G + 0.0722 B``, added left to right. Here they
are computed in exact integers, ten-thousandths, which is faster; and only where floating point could
have gone another way, at a tie of rounding or on the bound of a bucket, is the v1 formula asked.
Source of the weights: ITU-R BT.709-6, section 3.2.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.options import EdgeMode
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import Bucket

UNIT = 10_000
WHITE = 255
BUCKETS = 10
BUCKET = (WHITE + 1) / BUCKETS
FINE = 2_000
"""Every bound of a bucket is a multiple of this many ten-thousandths."""
FINE_BINS = WHITE * UNIT // FINE + 2
TIE_MARGIN = 1e-7
LOWER = [int(i * BUCKET) for i in range(BUCKETS)]
UPPER = [(i + 1) * BUCKET for i in range(BUCKETS)]
LABELS = [f"{low}-{int(high) - 1}" for low, high in zip(LOWER, UPPER, strict=True)]
BOUNDS = sorted({low * UNIT for low in LOWER[1:]} | {round(high * UNIT) for high in UPPER[:-1]})
ON_BOUND = np.zeros(FINE_BINS, bool)
ON_BOUND[[bound // FINE for bound in BOUNDS]] = True


class Luminance:
    """The luminance of an image's pixels, 0 (black) to 255 (white)."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._exact = pixels.luma

    def average(self) -> float:
        """The mean, unrounded; within rounding equal to v1's."""
        return self._settled_mean([self._exact], [(slice(None), slice(None))])

    def edge_average(self, mode: EdgeMode) -> float:
        """The mean over the edges, unrounded."""
        height, width = self._exact.shape
        places = edge_places(height, width, mode)
        return self._settled_mean([self._exact[place] for place in places], places)

    def median(self) -> float:
        """The median, unrounded: the mean of the two middle values where there are two."""
        size = self._exact.size
        low, high = self._ranked((size - 1) // 2), self._ranked(size // 2)
        median = (low + high) / (2 * UNIT)
        return float(np.median(as_v1(self._pixels.rgb))) if _is_near_tie(median) else median

    def histogram(self) -> list[Bucket]:
        """Ten buckets that overlap as v1's do: flat gray 25, 76 or 153 is counted in two."""
        cumulative = np.concatenate([[0], np.cumsum(self._fine_counts)])
        strays = self._strays()
        buckets = []
        for label, low, high in zip(LABELS, LOWER, UPPER, strict=True):
            last = high > WHITE
            top = cumulative[-1] if last else cumulative[round(high * UNIT) // FINE]
            count = top - cumulative[low * UNIT // FINE] - strays.get((low * UNIT, float(low)), 0)
            count += 0 if last else strays.get((round(high * UNIT), high), 0)
            buckets.append(Bucket(label, percent(int(count), self._exact.size)))
        return buckets

    @cached_property
    def _fine(self) -> NDArray[np.int32]:
        return self._exact.ravel() // FINE

    @cached_property
    def _fine_counts(self) -> NDArray[np.intp]:
        return np.bincount(self._fine, minlength=FINE_BINS)

    def _ranked(self, rank: int) -> int:
        """The value of a rank, 0 the smallest: its bin by counting, then its place in the bin."""
        cumulative = np.cumsum(self._fine_counts)
        fine = int(np.searchsorted(cumulative, rank, side="right"))
        inside = self._exact.ravel()[self._fine == fine]
        place = rank - int(cumulative[fine] - self._fine_counts[fine])
        return int(np.partition(inside, place)[place])

    def _strays(self) -> dict[tuple[int, float], int]:
        """Pixels exactly on a bound that v1's floating point puts below it, by bound."""
        near = np.flatnonzero(ON_BOUND[self._fine])
        near = near[self._exact.ravel()[near] % FINE == 0]
        if not near.size:
            return {}
        exact, v1 = (
            self._exact.ravel()[near],
            as_v1(self._pixels.rgb[np.unravel_index(near, self._exact.shape)]),
        )
        bounds = [(low * UNIT, float(low)) for low in LOWER] + [(round(high * UNIT), high) for high in UPPER]
        return {(key, bound): int(np.count_nonzero((exact == key) & (v1 < bound))) for key, bound in bounds}

    def _settled_mean(self, parts: list[NDArray[np.int32]], places: list[tuple[slice, slice]]) -> float:
        total = sum(int(part.sum(dtype=np.int64)) for part in parts)
        mean = total / (UNIT * sum(part.size for part in parts))
        if not _is_near_tie(mean):
            return mean
        v1 = as_v1(self._pixels.rgb)
        if len(places) == 1:
            return float(v1[places[0]].mean())
        return float(np.concatenate([v1[place].ravel() for place in places]).mean())


def percent(count: int, total: int) -> float:
    """A share in percent, rounded as v1 does: ten times the float, half to even, a tenth of that.

    Python's own ``round`` looks at the float's exact value: of 0.05 it makes 0.1, where v1 says 0.0.
    """
    return round(count / total * 100 * 10) / 10


def as_v1(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """v1's own luminance of samples of shape (…, 3): shape (…)."""
    samples = rgb.astype(np.float64)
    weighted: NDArray[np.float64] = (
        0.2126 * samples[..., 0] + 0.7152 * samples[..., 1] + 0.0722 * samples[..., 2]
    )
    return weighted


def score(luminance: float) -> int:
    """0 (black) to 100 (white), rounded half to even."""
    return round(luminance / WHITE * 100)


def edge_places(height: int, width: int, mode: EdgeMode) -> list[tuple[slice, slice]]:
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
