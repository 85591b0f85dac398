"""Boxes that run over a narrow gutter, taken apart into their columns.

Where columns are set close, a detector now and then finds two lines as one. Such a box would part its columns
into what is above and what is below, as a heading does; its words tell that it is none: they leave white
just where the lines above and below do.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from offing.ocr.engine.layout.fragment import Fragment, Frame, fragments
from offing.ocr.engine.layout.gutters import Region, candidates, region_of
from offing.ocr.engine.layout.skew import direction, hull
from offing.ocr.engine.page import Line, Word

_FEWEST = 6
"""Boxes on each side of a gutter that can take others apart."""

_RARE = 0.1
"""Share of the boxes at a gutter that run over it at most."""

_GAP, _WIDER = 0.4, 1.5
"""White between the words at the gutter at least: in sizes, and in times the usual space of the line."""

_LARGER = 1.3
"""Times the usual size from which a box is a heading."""


def split(whole: Sequence[Fragment], frame: Frame) -> list[Fragment]:
    """The fragments, those over a gutter in two where their words tell so."""
    parts = list(whole)
    if not any(fragment.line.words for fragment in parts):
        return parts
    for place in candidates(region_of(parts)):
        for fragment in _over(region_of(parts), place):
            lines = _halves(fragment, place, frame)
            if lines:
                parts.remove(fragment)
                parts += fragments(lines, frame)
    return parts


def _over(region: Region, place: float) -> list[Fragment]:
    """The fragments over a gutter, where they are few."""
    left, right = region.right <= place, region.left >= place
    over = ~left & ~right
    if min(left.sum(), right.sum()) < _FEWEST or over.sum() > _RARE * len(over):
        return []
    size = sorted(fragment.size for fragment in region.fragments)[len(over) // 2]
    found = [fragment for fragment, is_over in zip(region.fragments, over, strict=True) if is_over]
    return [fragment for fragment in found if not fragment.astray and fragment.size < _LARGER * size]


def _halves(fragment: Fragment, place: float, frame: Frame) -> list[Line]:
    """The lines before and after the gutter; none where no white between the words is there."""
    line = fragment.line
    if " ".join(word.text for word in line.words) != line.text:
        return []
    spans = fragments([Line(word.text, 1.0, word.bbox, vertical=line.vertical) for word in line.words], frame)
    whites = [after.left - before.right for before, after in pairwise(spans)]
    least = max(_GAP * fragment.size, _WIDER * median(whites)) if whites else 0.0
    for count, (before, after) in enumerate(pairwise(spans), 1):
        if before.right <= place <= after.left and after.left - before.right >= least:
            return [_of(line, line.words[:count]), _of(line, line.words[count:])]
    return []


def _of(line: Line, words: tuple[Word, ...]) -> Line:
    """The part of a line that consists of these words."""
    lengths = [max(1, len(word.text)) for word in words]
    confidence = sum(n * word.confidence for n, word in zip(lengths, words, strict=True)) / sum(lengths)
    return Line(
        " ".join(word.text for word in words),
        confidence,
        hull([word.bbox for word in words], direction(line.bbox)),
        words,
        line.script,
        line.engine,
        line.vertical,
    )
