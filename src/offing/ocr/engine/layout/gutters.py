"""Gutters: strips of white, many lines high, that part the columns of a region.

A candidate is a place in ``u`` that fewer boxes cover than lie on either side. The boxes that do cover it (a
heading over both columns, a full-width paragraph) cut the strip into runs; whether a run is a gutter or
the white between a table's cells, :mod:`columns <offing.ocr.engine.layout.columns>` decides.

Related: H. S. Baird, "Background structure in document images" (1994), and T. M. Breuel, "Two geometric
algorithms for layout analysis" (2002), who look for white rectangles in the plane; here the boxes are lines
already, and counting them along one axis finds the same strips in O(n log n).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.layout.fragment import Fragment

_MOST = 48
"""Candidates looked at in a region, the deepest first."""

_FEWEST = 2
"""Boxes on each side of a gutter at least."""

_MARGIN, _LEAST_KEPT = 0.6, 0.7
"""Sizes by which a box is taken narrower at each end, and the share of its width that is left at least:
detected boxes are wider than their text, and on a bent page a gutter is not straight."""

_ASIDES = 0.35
"""Share of a run's height that asides (a caption, a quotation set between the columns) may fill."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Region:
    """Fragments by rising middle, and their sides as arrays (N,), narrowed by the margin."""

    fragments: Sequence[Fragment]
    left: Floats
    right: Floats
    top: Floats
    bottom: Floats
    middle: Floats


@dataclass(frozen=True, slots=True)
class Run:
    """White at a place in ``u`` beside the fragments ``start`` to ``stop`` of a region."""

    place: float
    start: int
    stop: int
    top: float
    bottom: float
    """Between these it has text on both sides."""

    @property
    def height(self) -> float:
        """How much of it has text on both sides."""
        return self.bottom - self.top


def region_of(fragments: Sequence[Fragment]) -> Region:
    """The fragments sorted by their middles, as arrays."""
    ordered = sorted(fragments, key=lambda fragment: fragment.middle)
    sides = np.array([(f.left, f.right, f.top, f.bottom, f.middle, f.size) for f in ordered], np.float64).T
    left, right, top, bottom, middle, size = sides
    margin = np.minimum(_MARGIN * size, (1 - _LEAST_KEPT) / 2 * (right - left))
    return Region(ordered, left + margin, right - margin, top, bottom, middle)


def runs(region: Region) -> list[Run]:
    """Stretches of white with text on both sides, the highest first."""
    found = [run for place in candidates(region) for run in _runs_at(region, place)]
    return sorted(found, key=lambda run: (-run.height, run.place, run.start))


def candidates(region: Region) -> list[float]:
    """Places covered by fewer boxes than others on both sides, those with the largest difference first."""
    edges = np.unique(np.concatenate([region.left, region.right]))
    begun = np.searchsorted(np.sort(region.left), edges, "right")
    covered = begun - np.searchsorted(np.sort(region.right), edges, "right")
    changes = np.flatnonzero(np.diff(covered, prepend=-1))
    edges, covered = edges[changes], covered[changes]
    depth = np.minimum(np.maximum.accumulate(covered), np.maximum.accumulate(covered[::-1])[::-1]) - covered
    falls = np.diff(covered) < 0
    lowest = np.flatnonzero(falls[:-1] & ~falls[1:]) + 1
    lowest = lowest[depth[lowest] >= _FEWEST]
    deepest = lowest[np.argsort(-depth[lowest], kind="stable")][:_MOST]
    return [float(edges[index] + edges[index + 1]) / 2 for index in deepest]


def _runs_at(region: Region, place: float) -> list[Run]:
    left, right = region.right <= place, region.left >= place
    crossing = ~left & ~right
    asides = crossing & _beside(region, left) & _beside(region, right)
    if asides.any():
        found = _cut(region, place, left, right, crossing & ~asides)
        if all(_encloses(region, run, asides) for run in found):
            return found
    return _cut(region, place, left, right, crossing)


def _beside(region: Region, side: Mask) -> Mask:
    """Which fragments have one of ``side`` at the height of their middles."""
    tops, bottoms = region.top[side], region.bottom[side]
    if not len(tops):
        return np.zeros(len(side), np.bool_)
    order = np.argsort(tops, kind="stable")
    lowest = np.maximum.accumulate(bottoms[order])
    last = np.searchsorted(tops[order], region.middle, "right") - 1
    beside: Mask = (last >= 0) & (lowest[last] >= region.middle)
    return beside


def _cut(region: Region, place: float, left: Mask, right: Mask, separators: Mask) -> list[Run]:
    """The runs between the separators that have fragments on both sides."""
    cuts = np.flatnonzero(separators)
    starts, stops = np.concatenate([[0], cuts + 1]), np.concatenate([cuts, [len(left)]])
    enough = np.ones(len(starts), np.bool_)
    top, bottom = np.full(len(starts), -np.inf), np.full(len(starts), np.inf)
    for side in (left, right):
        passed = np.concatenate([[0], np.cumsum(side)])
        enough &= passed[stops] - passed[starts] >= _FEWEST
        # The last separator may end the region: one place more lets its run be empty.
        tops = np.append(np.where(side, region.top, np.inf), np.inf)
        bottoms = np.append(np.where(side, region.bottom, -np.inf), -np.inf)
        top = np.maximum(top, np.minimum.reduceat(tops, starts))
        bottom = np.minimum(bottom, np.maximum.reduceat(bottoms, starts))
    kept = np.flatnonzero(enough & (bottom > top))
    return [
        Run(place, int(starts[run]), int(stops[run]), float(top[run]), float(bottom[run])) for run in kept
    ]


def _encloses(region: Region, run: Run, asides: Mask) -> bool:
    """Whether the asides within a run have open gutter above and below, and more of it than they fill."""
    inside = asides[run.start : run.stop]
    if not inside.any():
        return True
    first = region.top[run.start : run.stop][inside].min()
    last = region.bottom[run.start : run.stop][inside].max()
    return bool(first > run.top and last < run.bottom and last - first <= _ASIDES * run.height)
