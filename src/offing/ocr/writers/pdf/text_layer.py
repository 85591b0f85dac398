"""The unseen text of a page: operators that put each word where it was read.

A line's words share its baseline, its angle and its size, and each is stretched to its own length, so that
a viewer's selection covers them evenly. Spaces fill the gaps between words.

Text that runs from right to left is drawn as fonts with ink have it drawn, from the left, its last letter
first: readers expect that, and give it back in logical order.

Some readers take letters that climb for letters of several lines. So a word that climbs hardly is drawn
level in its place, and one that does climb says once more what it is.

Sources: ISO 32000-1, 9.3.4 horizontal scaling, 9.3.6 text rendering mode, 9.4.2 text positioning,
14.9.4 replacement text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from offing.ocr.engine.page import Line, Page
from offing.ocr.writers.characters import runs
from offing.ocr.writers.pdf.glyphless_font import ADVANCE, encode
from offing.ocr.writers.placed import Baseline, PlacedWord, baseline, words_of

_NARROWEST = 0.05
"""Shortest length of a run, in sizes of its line: a width of nothing is no place to select."""

_GAP = 0.2
"""Sizes of its line that a space has at least, if its word can spare them: readers overlook narrower ones."""

_CLIMB = 0.15
"""Sizes of its line that a word may climb and still be drawn level."""

_Span = tuple[float, float]
"""Start and end along a baseline, in pixels."""


class TextLayer:
    """Makes the text of pages and remembers which planes of Unicode they needed."""

    def __init__(self) -> None:
        self.planes: set[int] = set()

    def page(self, page: Page, scale: float) -> str:
        """Operators of an upright page's text, ``scale`` points to the pixel."""
        words = "".join(self._line(line, page, scale) for line in page.lines)
        return f"BT\n3 Tr\n{words}ET\n" if words else ""

    def _line(self, line: Line, page: Page, scale: float) -> str:
        base = baseline(line)
        words = words_of(line)
        least = _NARROWEST * base.height
        spans = [(start, max(end, start + least)) for start, end in (base.span(word.bbox) for word in words)]
        order = _drawing_order(words, spans)
        for index, after in pairwise(order):
            gap = _GAP * base.height if words[min(index, after)].spaced else 0.0
            spans[index] = _short_of(spans[index], spans[after][0] - gap, least)
        operators, before = "", None
        for index in order:
            if before is not None and words[min(before, index)].spaced:
                start = spans[before][1]
                operators += self._shown(" ", (start, max(spans[index][0], start + least)), base, page, scale)
            operators += self._word(words[index].text, spans[index], base, page, scale)
            before = index
        return operators

    def _word(self, text: str, span: _Span, base: Baseline, page: Page, scale: float) -> str:
        levelled, climb = _levelled(base, span)
        level = climb < _CLIMB * base.height
        if level:
            base, span = levelled, (0.0, span[1] - span[0])
        parts = _drawn(text, span)
        operators = "".join(self._shown(part, place, base, page, scale) for part, place in parts)
        if level or _reversed(text):
            return operators
        return f"/Span << /ActualText <FEFF{text.encode('utf-16-be').hex()}> >> BDC\n{operators}EMC\n"

    def _shown(self, text: str, span: _Span, base: Baseline, page: Page, scale: float) -> str:
        """The characters, each as wide as the others, over a part of the baseline."""
        start, end = span
        stretch = 100 * (end - start) / (len(text) * base.height * ADVANCE / 1000)
        x, y = base.at(start)
        cosine, sine = math.cos(base.angle), math.sin(base.angle)
        matrix = (cosine, -sine, sine, cosine, x * scale, (page.height - y) * scale)
        shown = f"{stretch:.3f} Tz {' '.join(f'{value:.4f}' for value in matrix)} Tm\n"
        for plane, codes in encode(text):
            self.planes.add(plane)
            shown += f"/P{plane} {base.height * scale:.3f} Tf <{codes.hex()}> Tj\n"
        return shown


def _drawing_order(words: Sequence[PlacedWord], spans: Sequence[_Span]) -> Sequence[int]:
    """The words' indices: as they are read, or where some run from right to left, as they stand."""
    if any(_reversed(word.text) for word in words):
        return sorted(range(len(words)), key=spans.__getitem__)
    return range(len(words))


def _short_of(span: _Span, limit: float, least: float) -> _Span:
    """The span, ended at a limit: some engines' boxes reach into their neighbours."""
    return span[0], max(min(span[1], limit), span[0] + least)


def _reversed(text: str) -> bool:
    """Whether some of it is drawn in the reverse of its logical order."""
    return any(to_left for _, to_left in runs(text))


def _drawn(text: str, span: _Span) -> Iterator[tuple[str, _Span]]:
    """A word's runs from left to right, those that run from right to left reversed, each with its part."""
    parts = runs(text)
    if parts[0][1]:
        parts.reverse()
    start, each = span[0], (span[1] - span[0]) / len(text)
    for part, to_left in parts:
        end = start + len(part) * each
        yield part[::-1] if to_left else part, (start, end)
        start = end


def _levelled(base: Baseline, span: _Span) -> tuple[Baseline, float]:
    """A baseline for this part alone, at the nearest quarter turn, and by how many pixels it was off."""
    quarter = math.pi / 2
    angle = round(base.angle / quarter) * quarter
    half = (span[1] - span[0]) / 2
    x, y = base.at(span[0] + half)
    level = Baseline((x - half * math.cos(angle), y - half * math.sin(angle)), angle, base.height)
    return level, 2 * half * abs(math.sin(base.angle - angle))
