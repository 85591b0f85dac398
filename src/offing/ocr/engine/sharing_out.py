"""Cutting one line between two words, so that two threads have equally much of a page to read.

A line is read by one thread. On a page of three lines one thread reads two of them while the other, done
with its one, waits for a third of the time. So at most one line of a page is cut, where it has a gap as
wide as between words and that pays. It is always done for two threads, however many there are: a page
reads the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

import msgspec
import numpy as np

from offing.ocr.engine.crops import Crop
from offing.ocr.engine.recognised import Recognised, Span

CALL = 120
"""What a call of the network costs beside its pixels, in columns of pixels: three milliseconds, of which one
goes into scaling the line and decoding its scores."""
WORTH = 80
"""Columns that the slower thread must be spared: two milliseconds."""
LEAST = 240
"""Columns of a line that may be cut: shorter ones hold few words."""
TRIED = 6
"""Of a page's lines so many are looked at for gaps, the shortest first: they leave the rest as it is."""
GAP = 0.2
"""Gaps between words are at least this share of a line's height,"""
AMONG_WIDEST = 0.75
"""and of the line's widest gap: in a line with spaces, those are its widest gaps."""
INK = 0.3
"""Share of the contrast of a line's letters that a column must have to belong to one."""
EAST_ASIAN = frozenset("WF")
"""Widths, as Unicode names them, of signs that have no spaces between them."""
EDGE = 8
"""Of a line's height an eighth is left out above and below, where rules and neighbours reach in."""


class Cut(NamedTuple):
    """Where a line is cut: a column in the middle of a gap."""

    place: int
    column: int


def best_cut(crops: Sequence[Crop], columns: Callable[[Crop], int]) -> Cut | None:
    """The cut that pays most, if one does. ``columns``: how many the network reads of an image."""
    widths = [columns(crop) for crop in crops]
    before = _slower(widths)
    even = (sum(widths) + CALL * len(widths)) / 2
    if before - even < WORTH + CALL / 2:
        return None
    best, least = None, before - WORTH
    long = (place for place in np.argsort(widths, kind="stable") if widths[place] >= LEAST)
    for place, _ in zip(long, range(TRIED), strict=False):
        others = widths[:place] + widths[place + 1 :]
        for column in gaps(crops[place]):
            parts = columns(crops[place][:, :column]), columns(crops[place][:, column:])
            slower = _slower([*others, *parts])
            if slower < least:
                best, least = Cut(int(place), column), slower
    return best


def gaps(crop: Crop) -> list[int]:
    """The columns in the middle of a line's gaps between words."""
    height = len(crop)
    green = crop[height // EDGE : height - height // EDGE, :, 1]
    contrast = np.ptp(green, axis=0)
    most = len(contrast) * 9 // 10
    inked = np.flatnonzero(contrast > INK * np.partition(contrast, most)[most])
    if len(inked) < 2:  # noqa: PLR2004  a gap lies between two
        return []
    wide = np.diff(inked) - 1
    chosen = np.flatnonzero(wide >= max(1, GAP * height, AMONG_WIDEST * wide.max()))
    return [int(each) for each in (inked[chosen] + inked[chosen + 1] + 1) // 2]


def joined(first: Recognised, second: Recognised, share: float) -> Recognised:
    """A line of its two parts; the first takes up ``share`` of its length."""
    before, after = _placed(first.spans, 0.0, share), _placed(second.spans, share, 1.0)
    lengths = len(first.text), len(second.text)
    if not all(lengths):
        found, spans = (first, before) if lengths[0] else (second, after)
        return msgspec.structs.replace(found, spans=spans)
    space = " "
    if EAST_ASIAN.intersection(map(east_asian_width, (first.text[-1], second.text[0]))):
        space = ""  # Chinese and Japanese leave room beside their signs, but write no spaces
        before, after = (*before[:-1], _one(before[-1], after[0])), after[1:]
    confidence = (first.confidence * lengths[0] + second.confidence * lengths[1]) / sum(lengths)
    return Recognised(first.text + space + second.text, confidence, before + after, first.engine)


def _placed(spans: Sequence[Span], start: float, end: float) -> tuple[Span, ...]:
    """The words of a part, in shares of the whole line."""
    length = end - start
    return tuple(
        msgspec.structs.replace(span, start=start + span.start * length, end=start + span.end * length)
        for span in spans
    )


def _one(first: Span, second: Span) -> Span:
    """A word of two parts."""
    lengths = len(first.text), len(second.text)
    confidence = (first.confidence * lengths[0] + second.confidence * lengths[1]) / sum(lengths)
    return Span(first.text + second.text, confidence, first.start, second.end)


def _slower(widths: Sequence[int]) -> int:
    """Columns that the slower of two threads reads, each taking the widest line that is left."""
    hands = [0, 0]
    for width in sorted(widths, reverse=True):
        hands[hands[0] > hands[1]] += width + CALL
    return max(hands)
