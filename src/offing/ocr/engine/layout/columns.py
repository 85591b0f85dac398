"""Regions in reading order: a page is cut at its gutters until what is left is read row by row.

A cut leaves, in this order: what is above the gutter, the column before it, the column after it, what is set
between the two, what is below. Each part is cut again (the recursive XY-cut of G. Nagy and S. Seth,
"Hierarchical representation of optically scanned documents", 1984, along gutters instead of the widest gap,
so that paragraphs which happen to end at the same height do not part the columns).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from offing.ocr.engine.layout.fragment import Fragment
from offing.ocr.engine.layout.gutters import Region, region_of, runs
from offing.ocr.engine.layout.titles import trim

Row = list[Fragment]

_DEEPEST = 16
"""Cuts within cuts; a page of the most columns and bands has fewer."""

_TRIED = 48
"""Runs of a region that are looked at closely, the highest first."""

_ROWS, _STRONG_ROWS = 3, 2
"""Rows on each side of a gutter; of prose beyond doubt fewer are enough."""

_STRONG = 20.0
"""Median letters a row, within one piece of it, of prose beyond doubt."""

_PROSE, _WORDS = 14.0, 5.0
"""These letters times the share of the column that the row fills: of prose, and of what can be text at all
rather than figures."""

_FEW, _WIDE = 6, 0.8
"""Rows below which white can be chance between words, unless it is this many sizes wide."""

_PIECE = 1.0
"""Sizes of white within a row that part it in pieces."""

_ALIGNED = 0.75
"""Share of rows level with one on the other side from which short rows are a table's."""

_LEVEL = 0.35
"""Sizes by which the middles of two boxes of one row differ at most."""


def regions(fragments: Sequence[Fragment], depth: int = 0) -> list[Sequence[Fragment]]:
    """The fragments in parts without columns, in reading order."""
    if len(fragments) < 2 * _STRONG_ROWS or depth >= _DEEPEST:
        return [fragments] if fragments else []
    region = region_of(fragments)
    for run in runs(region)[:_TRIED]:
        start, stop = trim(region, run)
        left, asides, right = _sides(region, run.place, start, stop)
        if _parts_columns(left, right):
            parts = (region.fragments[:start], left, right, asides, region.fragments[stop:])
            return [leaf for part in parts for leaf in regions(part, depth + 1)]
    return [region.fragments]


def _sides(region: Region, place: float, start: int, stop: int) -> tuple[Row, Row, Row]:
    """The fragments before, at and after a gutter."""
    sides: tuple[Row, Row, Row] = [], [], []
    for index in range(start, stop):
        side = 0 if region.right[index] <= place else 2 if region.left[index] >= place else 1
        sides[side].append(region.fragments[index])
    return sides


def _parts_columns(left: Sequence[Fragment], right: Sequence[Fragment]) -> bool:
    """Whether what lies on both sides of some white are columns of text, not the cells of rows.

    Columns are full of letters; a table's cells are short, or figures, and level with each other.
    """
    before, after = _rows(left), _rows(right)
    fewest = min(len(before), len(after))
    if fewest < _STRONG_ROWS or (fewest < _FEW and _white(left, right) < _WIDE):
        return False
    fewer, more = sorted((_letters(before), _letters(after)))
    if fewer >= _STRONG:
        return True
    strength = min(_strength(before), _strength(after))
    if fewest < _ROWS or (strength < _WORDS and more < _STRONG):
        return False
    return strength >= _PROSE or _level(before, after) < _ALIGNED


def _white(left: Sequence[Fragment], right: Sequence[Fragment]) -> float:
    """Width of the white between two sides, in sizes."""
    gap = min(fragment.left for fragment in right) - max(fragment.right for fragment in left)
    return gap / median(fragment.size for fragment in (*left, *right))


def _rows(side: Sequence[Fragment]) -> list[Row]:
    """A column's fragments, by rising middle, in rough rows."""
    rows: list[Row] = []
    for fragment in side:
        if rows and fragment.middle - rows[-1][-1].middle <= _LEVEL * fragment.size:
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    return rows


def _letters(rows: Sequence[Row]) -> float:
    """Median letters of a row, within one piece of it."""
    return median(map(_most_letters, rows))


def _strength(rows: Sequence[Row]) -> float:
    """Median letters of a row, within one piece, times the share of the column's width that it fills."""
    width = max(1.0, _width(rows))
    return median(_most_letters(row) * min(1.0, sum(f.right - f.left for f in row) / width) for row in rows)


def _most_letters(row: Row) -> int:
    """Letters of the piece of a row that has most."""
    ordered = sorted(row, key=lambda fragment: fragment.left)
    most = letters = ordered[0].letters
    for before, fragment in pairwise(ordered):
        letters = fragment.letters + (letters if fragment.left - before.right < _PIECE * fragment.size else 0)
        most = max(most, letters)
    return most


def _width(rows: Sequence[Row]) -> float:
    return max(f.right for row in rows for f in row) - min(f.left for row in rows for f in row)


def _level(before: Sequence[Row], after: Sequence[Row]) -> float:
    """Share of the rows on the side with fewer that are level with one on the other."""
    fewer, more = sorted((before, after), key=len)
    middles = [row[0].middle for row in more]
    level = 0
    for row in fewer:
        place = bisect_left(middles, row[0].middle)
        nearest = min(abs(middle - row[0].middle) for middle in middles[max(0, place - 1) : place + 1])
        level += nearest <= _LEVEL * row[0].size
    return level / len(fewer)
