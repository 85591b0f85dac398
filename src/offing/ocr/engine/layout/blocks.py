"""Paragraphs: the rows of a region between which the spacing, the size or the indentation changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from offing.ocr.engine.layout.fragment import Fragment

_LOOSE = 1.35
"""Times the usual distance of two rows from which they are of different blocks."""

_USUAL = 1.2
"""Distance of two rows in sizes where a page has too few to measure it."""

_FEWEST = 4
"""Distances from which a region has a usual one of its own."""

_LARGER = 1.4
"""Times the size from which a row is a heading, or its text."""

_INDENTED, _DEEPEST_INDENT = 0.6, 6.0
"""Sizes by which a paragraph's first row is indented."""

_WHITE = 2.0
"""Sizes of white within a row that make it a table's or a receipt's."""

Row = Sequence[Fragment]


def usual_pitch(regions: Iterable[Sequence[Row]]) -> float:
    """Distance of neighbouring rows in sizes, the median over the regions of a page."""
    pitches = [pitch for rows in regions for pitch in _pitches(rows)]
    return median(pitches) if pitches else _USUAL


def blocks(rows: Sequence[Row], page_pitch: float) -> list[Sequence[Row]]:
    """The rows of a region, which come from the top down, in blocks."""
    pitches = _pitches(rows)
    pitch = median(pitches) if len(pitches) >= _FEWEST else page_pitch
    found: list[list[Row]] = []
    for place, row in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else None
        if found and not _begins(row, following, found[-1], pitch):
            found[-1].append(row)
        else:
            found.append([row])
    return list(found)


def _pitches(rows: Sequence[Row]) -> list[float]:
    """Distances of neighbouring rows of about one size, in sizes."""
    return [
        (_middle(after) - _middle(before)) / _size(before)
        for before, after in pairwise(rows)
        if not _differ(before, after)
    ]


def _begins(row: Row, following: Row | None, block: Sequence[Row], pitch: float) -> bool:
    """Whether a row begins a block of its own after the block before it."""
    previous = block[-1]
    if row[0].astray or previous[0].astray or _differ(previous, row):
        return True
    if _middle(row) - _middle(previous) > _LOOSE * pitch * max(_size(previous), _size(row)):
        return True
    if _tabular(row) or _tabular(previous) or _centred(previous, row):
        return False
    return _is_indented(row, previous, following) or _ends_a_hanging_indent(row, block)


def _is_indented(row: Row, previous: Row, following: Row | None) -> bool:
    """Whether a row starts further right than the ones before and after it."""
    if following is None or _centred(row, following):
        return False
    least, most = _INDENTED * _size(row), _DEEPEST_INDENT * _size(row)
    return all(least <= row[0].left - other[0].left <= most for other in (previous, following))


def _ends_a_hanging_indent(row: Row, block: Sequence[Row]) -> bool:
    """Whether a row starts where an item's first row does, left of the rows in between."""
    least = _INDENTED * _size(row)
    return len(block) > 1 and all(other[0].left - row[0].left >= least for other in block[1:])


def _centred(one: Row, other: Row) -> bool:
    """Whether two rows of different width have the same middle."""
    inner, outer = one[0].left - other[0].left, other[-1].right - one[-1].right
    return abs(inner) > _INDENTED * _size(one) and abs(inner - outer) < _size(one)


def _tabular(row: Row) -> bool:
    return any(after.left - before.right > _WHITE * after.size for before, after in pairwise(row))


def _differ(one: Row, other: Row) -> bool:
    smaller, larger = sorted((_size(one), _size(other)))
    return larger > _LARGER * smaller


def _middle(row: Row) -> float:
    return median(fragment.middle for fragment in row)


def _size(row: Row) -> float:
    return median(fragment.size for fragment in row)
