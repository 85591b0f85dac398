"""The fragments of a row as one line of text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from offing.ocr.engine.layout.fragment import Fragment, Frame, Writing
from offing.ocr.engine.layout.letters import lean, needs_space
from offing.ocr.engine.page import Line, Word

_WIDE = 1.0
"""Sizes of white that part two fragments even in a script that writes no spaces."""

_LONG = 4.0
"""Sizes from the first box to the last from which their heights tell the direction of the row."""

_BEND = math.tan(math.radians(5))
"""Slope of a row against its page at most."""


def join(row: Sequence[Fragment], frame: Frame) -> Line:
    """One line of a row's fragments, which come by rising left side.

    The text is joined by spaces, except within a script that writes none; confidence is the mean weighted by
    length; script and engine are those of most characters; the box is the smallest that descends as the row.
    """
    if len(row) == 1:
        return row[0].line
    ordered = _in_reading_order(row, frame)
    lines = [fragment.line for fragment in ordered]
    lengths = [max(1, len(line.text)) for line in lines]
    return Line(
        text=_text(ordered),
        confidence=sum(n * line.confidence for n, line in zip(lengths, lines, strict=True)) / sum(lengths),
        bbox=frame.around([line.bbox for line in lines], _angle(row, frame)),
        words=_words(lines),
        script=_most(lines, lambda line: "" if line.script == "Zyyy" else line.script) or "Zyyy",
        engine=_most(lines, lambda line: line.engine),
        vertical=frame.writing is Writing.TOP_TO_BOTTOM,
    )


def _in_reading_order(row: Sequence[Fragment], frame: Frame) -> Sequence[Fragment]:
    """The fragments as their own letters run, where they run against their page."""
    against = sum(lean(fragment.line) for fragment in row)
    if frame.writing is Writing.RIGHT_TO_LEFT:
        against = -against
    return row if against >= 0 or frame.writing is Writing.TOP_TO_BOTTOM else row[::-1]


def _text(row: Sequence[Fragment]) -> str:
    text = row[0].line.text.strip()
    for before, after in pairwise(row):
        piece = after.line.text.strip()
        white = max(before.left, after.left) - min(before.right, after.right)
        wide = white > _WIDE * min(before.size, after.size)
        spaced = text and piece and (wide or needs_space(text, piece))
        text += f" {piece}" if spaced else piece
    return text


def _words(lines: Iterable[Line]) -> tuple[Word, ...]:
    """The words of the lines; a line without any in a row that has some counts as one."""
    if not any(line.words for line in lines):
        return ()
    return tuple(
        word for line in lines for word in line.words or (Word(line.text, line.confidence, line.bbox),)
    )


def _most(lines: Iterable[Line], kind: Callable[[Line], str]) -> str:
    """The kind of most characters, of equal ones the first by name; no kind counts as none."""
    counts: Counter[str] = Counter()
    for line in lines:
        counts[kind(line)] += max(1, len(line.text))
    del counts[""]
    return min(counts, key=lambda name: (-counts[name], name), default="")


def _angle(row: Sequence[Fragment], frame: Frame) -> float:
    """Degrees clockwise by which a row descends: least squares through the ends of its boxes."""
    ends = [(u, fragment.middle) for fragment in row for u in (fragment.left, fragment.right)]
    centre = sum(u for u, _ in ends) / len(ends)
    level = sum(v for _, v in ends) / len(ends)
    spread = sum((u - centre) ** 2 for u, _ in ends)
    if row[-1].right - row[0].left < _LONG * max(fragment.size for fragment in row) or not spread:
        return frame.skew
    slope = sum((u - centre) * (v - level) for u, v in ends) / spread
    descent = math.degrees(math.atan(min(_BEND, max(-_BEND, slope))))
    return frame.skew - descent if frame.writing is Writing.RIGHT_TO_LEFT else frame.skew + descent
