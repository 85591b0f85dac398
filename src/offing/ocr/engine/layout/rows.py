"""Rows: the fragments of a region without columns that stand on one line.

Neighbours are paired where they overlap in height, the best fitting pairs first, and a pair is refused
where its rows already have text in the same place. So a row follows the bend of a page that a single
baseline would lose, and two rows never run into one.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterator, Sequence
from operator import attrgetter

import numpy as np

from offing.ocr.engine.layout.fragment import Fragment

_OVERLAP = 0.5
"""Share of the lower fragment's height that two of one row have in common at least."""

_NEIGHBOURS = 4
"""Fragments to each side that are considered as neighbours."""

_WHITE, _MOST_WHITE = 0.03, 20.0
"""What each size of white between two costs, in heights, against how well they fit; and up to which."""

_TOLERANCE = 0.6
"""Sizes by which neighbours of one row may overlap: detected boxes are wider than their text."""

Row = list[Fragment]
Pair = tuple[float, int, int]

_left = attrgetter("left")


def rows(fragments: Sequence[Fragment]) -> list[Row]:
    """The rows from the top down, each with its fragments by rising left side."""
    row_of: list[Row] = [[fragment] for fragment in fragments]
    index = {id(fragment): place for place, fragment in enumerate(fragments)}
    for _, first, second in sorted(_pairs(fragments)):
        fewer, more = sorted((row_of[first], row_of[second]), key=len)
        if fewer is not more and _fits(fewer, more):
            for fragment in fewer:
                insort(more, fragment, key=_left)
                row_of[index[id(fragment)]] = more
    distinct = {id(row): row for row in row_of}
    return sorted(distinct.values(), key=_middle)


def _middle(row: Row) -> float:
    """Mean middle, weighted by width: a short box's height says less than a long one's."""
    widths = [max(1.0, fragment.right - fragment.left) for fragment in row]
    return sum(width * f.middle for width, f in zip(widths, row, strict=True)) / sum(widths)


def _pairs(fragments: Sequence[Fragment]) -> Iterator[Pair]:
    """Cost of joining two fragments of about one height, and their places."""
    upright = [place for place, fragment in enumerate(fragments) if not fragment.astray]
    upright.sort(key=lambda place: fragments[place].middle)
    middles = np.array([fragments[place].middle for place in upright])
    centres = np.array([fragments[place].left + fragments[place].right for place in upright]) / 2
    for place in upright:
        fragment = fragments[place]
        # Of two, the taller one's height reaches the other's middle: each pair is found from there.
        reach = fragment.size / 2
        start, stop = np.searchsorted(middles, [fragment.middle - reach, fragment.middle + reach])
        away = centres[start:stop] - (fragment.left + fragment.right) / 2
        for near in (np.flatnonzero(away >= 0), np.flatnonzero(away < 0)):
            for step in near[np.argsort(np.abs(away[near]), kind="stable")][: _NEIGHBOURS + 1].tolist():
                other = upright[int(start) + step]
                if other != place and _level(fragment, fragments[other]):
                    yield _cost(fragment, fragments[other]), *sorted((place, other))


def _level(one: Fragment, other: Fragment) -> bool:
    common = min(one.bottom, other.bottom) - max(one.top, other.top)
    return common >= _OVERLAP * min(one.size, other.size)


def _cost(one: Fragment, other: Fragment) -> float:
    # A large initial is level at the top with the first of the rows beside it, larger type at the bottom.
    apart = min(
        abs(one.top - other.top), abs(one.middle - other.middle), abs(one.bottom - other.bottom) * 1.1
    )
    size = min(one.size, other.size)
    white = max(one.left, other.left) - min(one.right, other.right)
    return apart / size + _WHITE * min(max(0.0, white / size), _MOST_WHITE)


def _fits(fewer: Row, more: Row) -> bool:
    """Whether no fragment of one row has text where one of the other has."""
    for fragment in fewer:
        place = bisect(more, fragment.left, key=_left)
        if any(_collide(fragment, other) for other in more[max(0, place - 1) : place + 1]):
            return False
    return True


def _collide(one: Fragment, other: Fragment) -> bool:
    common = min(one.right, other.right) - max(one.left, other.left)
    narrower = min(one.right - one.left, other.right - other.left)
    return common > min(_TOLERANCE * min(one.size, other.size), narrower / 2)
