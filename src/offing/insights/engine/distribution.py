"""How an image's luminance is distributed, in exact integers: ten-thousandths of a level of 255.

v1 defines luminance in floating point, ``0.2126 R + 0.7152 G + 0.0722 B`` added left to right. The
integers here are what that formula means; where its rounding puts a pixel on the other side of a
bucket's bound, the pixel is a stray, and counted by v1's own formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.pixels import Pixels

UNIT = 10_000
WHITE = 255
FINE = 2_000
"""The width of a fine bin: every bound of a bucket is a multiple of it."""
FINE_BINS = WHITE * UNIT // FINE + 2
BINS_A_LEVEL = UNIT // FINE

Place = tuple[slice, slice]
EVERYWHERE: Place = (slice(None), slice(None))


class Distribution(Protocol):
    """What the v1 numbers are made from."""

    size: int
    shape: tuple[int, int]

    @property
    def fine_counts(self) -> NDArray[np.intp]:
        """Pixels in each fine bin, shape (FINE_BINS,)."""

    def total(self, place: Place) -> tuple[int, int]:
        """The sum of the values in a rectangle, and how many they are."""

    def ranked(self, rank: int) -> int:
        """The value of a rank, 0 the smallest."""

    def strays(self, bounds: Iterable[tuple[int, float]]) -> dict[float, int]:
        """Pixels exactly on a bound that v1's formula puts below it.

        A bound comes as the exact value and as v1's float; the counts come by the float.
        """

    def as_v1(self) -> NDArray[np.float64]:
        """Every pixel by v1's own formula, shape (H, W)."""


def distribution(pixels: Pixels) -> Distribution:
    """The distribution of an image; a gray one is counted by its 256 levels."""
    return Colored(pixels) if pixels.gray is None else Gray(pixels.gray)


class Colored:
    """Of pixels with three channels."""

    def __init__(self, pixels: Pixels) -> None:
        self._rgb, self._exact = pixels.rgb, pixels.luma
        self.size, self.shape = self._exact.size, (pixels.height, pixels.width)

    @cached_property
    def _fine(self) -> NDArray[np.int32]:
        return self._exact.ravel() // FINE

    @cached_property
    def fine_counts(self) -> NDArray[np.intp]:
        return np.bincount(self._fine, minlength=FINE_BINS)

    def total(self, place: Place) -> tuple[int, int]:
        part = self._exact[place]
        return int(part.sum(dtype=np.int64)), part.size

    def ranked(self, rank: int) -> int:
        cumulative = np.cumsum(self.fine_counts)
        fine = int(np.searchsorted(cumulative, rank, side="right"))
        inside = self._exact.ravel()[self._fine == fine]
        within = rank - int(cumulative[fine] - self.fine_counts[fine])
        return int(np.partition(inside, within)[within])

    def strays(self, bounds: Iterable[tuple[int, float]]) -> dict[float, int]:
        exact = self._exact.ravel()
        near = np.flatnonzero(self._fine * np.int32(FINE) == exact)
        exact, v1 = exact[near], formula(self._rgb[np.unravel_index(near, self.shape)])
        return {bound: int(np.count_nonzero((exact == key) & (v1 < bound))) for key, bound in bounds}

    def as_v1(self) -> NDArray[np.float64]:
        return formula(self._rgb)


class Gray:
    """Of pixels with one channel: everything follows from how often each level occurs."""

    def __init__(self, levels: NDArray[np.uint8]) -> None:
        self._levels = levels
        self.size, self.shape = levels.size, (levels.shape[0], levels.shape[1])
        self._counts = np.bincount(levels.ravel(), minlength=WHITE + 1)

    @cached_property
    def fine_counts(self) -> NDArray[np.intp]:
        counts = np.zeros(FINE_BINS, np.intp)
        counts[: (WHITE + 1) * BINS_A_LEVEL : BINS_A_LEVEL] = self._counts
        return counts

    def total(self, place: Place) -> tuple[int, int]:
        if place == EVERYWHERE:
            return int(self._counts @ np.arange(WHITE + 1)) * UNIT, self.size
        part = self._levels[place]
        return int(part.sum(dtype=np.int64)) * UNIT, part.size

    def ranked(self, rank: int) -> int:
        return int(np.searchsorted(np.cumsum(self._counts), rank, side="right")) * UNIT

    def strays(self, bounds: Iterable[tuple[int, float]]) -> dict[float, int]:
        return {
            bound: int(self._counts[key // UNIT])
            if key % UNIT == 0 and V1_OF_GRAY[key // UNIT] < bound
            else 0
            for key, bound in bounds
        }

    def as_v1(self) -> NDArray[np.float64]:
        return V1_OF_GRAY[self._levels]


def formula(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """v1's luminance of samples of shape (…, 3): shape (…)."""
    samples = rgb.astype(np.float64)
    red, green, blue = samples[..., 0], samples[..., 1], samples[..., 2]
    weighted: NDArray[np.float64] = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return weighted


V1_OF_GRAY = formula(np.repeat(np.arange(WHITE + 1, dtype=np.uint8)[:, None], 3, axis=1))
"""v1's luminance of each gray level."""
