"""Running titles, page numbers and footers, which stand apart above and below the columns of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from offing.ocr.engine.layout.fragment import Fragment
from offing.ocr.engine.layout.gutters import Region, Run

_APART, _FAR_APART = 1.5, 3.0
"""Sizes of white between a title and the columns: where it is on one side or has a page number, and where
it could as well be the columns' own headings."""

_ROWS = 2
"""Boxes of a title on one side at most."""

_NUMBER = 3
"""Letters of a page number at most (Roman ones have some)."""


@dataclass(frozen=True, slots=True)
class _Band:
    start: int
    stop: int
    gap: float
    """White above it."""


def trim(region: Region, run: Run) -> tuple[int, int]:
    """Where a run starts and stops without its titles and footers."""
    within = region.fragments[run.start : run.stop]
    size = median(fragment.size for fragment in within)
    bands = _bands(within, _APART * size)
    first, last = 0, len(bands) - 1
    while first < last and _is_title(within, bands[first], bands[first + 1].gap, run.place, size):
        first += 1
    while first < last and _is_title(within, bands[last], bands[last].gap, run.place, size):
        last -= 1
    return run.start + bands[first].start, run.start + bands[last].stop


def _bands(within: Sequence[Fragment], apart: float) -> list[_Band]:
    """Stretches of fragments between white over the whole width; sorted by middle they are contiguous."""
    bands, start, gap = [], 0, 0.0
    bottom = within[0].bottom
    tops = _tops_from(within)
    for index, fragment in enumerate(within):
        white = tops[index] - bottom
        if index and white >= apart:
            bands.append(_Band(start, index, gap))
            start, gap = index, white
        bottom = max(bottom, fragment.bottom)
    return [*bands, _Band(start, len(within), gap)]


def _tops_from(within: Sequence[Fragment]) -> list[float]:
    """The highest top from each fragment on."""
    tops = [fragment.top for fragment in within]
    for index in range(len(tops) - 2, -1, -1):
        tops[index] = min(tops[index], tops[index + 1])
    return tops


def _is_title(within: Sequence[Fragment], band: _Band, gap: float, place: float, size: float) -> bool:
    fragments = within[band.start : band.stop]
    before = [fragment for fragment in fragments if (fragment.left + fragment.right) / 2 <= place]
    after = [fragment for fragment in fragments if (fragment.left + fragment.right) / 2 > place]
    if max(len(before), len(after)) > _ROWS:
        return False
    numbered = min(sum(fragment.letters for fragment in side) for side in (before, after)) <= _NUMBER
    return numbered or gap >= _FAR_APART * size
