"""A line's words as every format needs them: fit to be written, each with its place and what follows it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from offing.ocr.engine.page import Line, Page, Point, Quad, Word, box
from offing.ocr.writers.characters import clean

DESCENT = 0.2
"""Share of a line's height below its baseline: recognition tells no baseline, and fonts differ little."""


@dataclass(frozen=True)
class PlacedWord:
    """A word that is not empty."""

    text: str
    confidence: float
    """0 to 1."""
    bbox: Quad
    spaced: bool
    """Whether a space stands between it and the next word of its line."""


def words_of(line: Line) -> list[PlacedWord]:
    """The line's words; of a line that has none, its text cut at spaces, each part with its share."""
    words = [(clean(word.text), word) for word in line.words or _cut(line)]
    kept = [(text, word) for text, word in words if text]
    spaced = _spaced(clean(line.text), [text for text, _ in kept])
    return [
        PlacedWord(text, min(max(word.confidence, 0.0), 1.0), word.bbox, space)
        for (text, word), space in zip(kept, spaced, strict=True)
    ]


def _cut(line: Line) -> Iterator[Word]:
    text = clean(line.text)
    a, b, c, d = line.bbox
    for part in re.finditer(r"\S+", text):
        start, end = part.start() / len(text), part.end() / len(text)
        if line.vertical:
            quad = (_between(a, d, start), _between(b, c, start), _between(b, c, end), _between(a, d, end))
        else:
            quad = (_between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start))
        yield Word(part.group(), line.confidence, quad)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _spaced(text: str, words: Sequence[str]) -> list[bool]:
    """Whether a space follows each word in the text; where the text has other words, one does."""
    follows, behind = [], 0
    for index, word in enumerate(words):
        start = text.find(word, behind)
        if index:
            follows.append(start < 0 or text[behind:start] != "")
        behind = start + len(word) if start >= 0 else behind
    return [*follows, False] if words else []


@dataclass(frozen=True)
class Baseline:
    """The straight line that a line's letters stand on."""

    start: Point
    angle: float
    """Radians clockwise from the page's own left to right."""
    height: float
    """Pixels from the lowest letter's foot to the highest one's top, at least 1."""

    def along(self, point: Point) -> float:
        """How far along the baseline a point lies, in pixels."""
        x, y = point[0] - self.start[0], point[1] - self.start[1]
        return x * math.cos(self.angle) + y * math.sin(self.angle)

    def at(self, distance: float) -> Point:
        """The point of the baseline that lies so far along."""
        return (
            self.start[0] + distance * math.cos(self.angle),
            self.start[1] + distance * math.sin(self.angle),
        )

    def span(self, quad: Quad) -> tuple[float, float]:
        """Where a quadrilateral begins and ends along the baseline, whichever way its corners go round."""
        a, b, c, d = sorted(self.along(point) for point in quad)
        return (a + b) / 2, (c + d) / 2


def baseline(line: Line) -> Baseline:
    """The baseline of a line; of a vertical one, that of its letters laid over on their right side."""
    a, b, c, d = line.bbox
    if line.vertical:
        a, b, c, d = b, c, d, a
    left, right = _between(a, d, 0.5), _between(b, c, 0.5)
    return Baseline(
        start=_between(d, a, DESCENT),
        angle=math.atan2(right[1] - left[1], right[0] - left[0]),
        height=max((math.dist(a, d) + math.dist(b, c)) / 2, 1.0),
    )


def pixel_box(quad: Quad, page: Page) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in whole pixels, inside the page."""
    left, top, right, bottom = box(quad)
    return (
        min(max(math.floor(left), 0), page.width),
        min(max(math.floor(top), 0), page.height),
        min(max(math.ceil(right), 0), page.width),
        min(max(math.ceil(bottom), 0), page.height),
    )
