"""Lines on the page: where the words of a recognised crop lie."""

from __future__ import annotations

from offing.ocr.engine.crops import Corners
from offing.ocr.engine.page import Line, Point, Quad, Word
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.script_names import VERTICAL_SCRIPTS, script_of

QUARTERS = {0: 0, 90: 1, 270: 3, 180: 2}


def line_of(corners: Corners, read: Recognised, turned: int) -> Line:
    """A recognised box as a line. ``turned`` is how far its text is turned clockwise: 0, 90 or 270."""
    script = script_of(read.text)
    vertical = turned == 90 and script in VERTICAL_SCRIPTS  # noqa: PLR2004  a quarter turn
    quad = _quad(corners)
    along = _rolled(quad, QUARTERS[turned])
    words = tuple(
        Word(span.text, span.confidence, _part(along, span.start, span.end, unroll=vertical))
        for span in read.spans
    )
    return Line(
        text=read.text,
        confidence=read.confidence,
        bbox=quad if vertical else along,
        words=words,
        script=script,
        engine=read.engine,
        vertical=vertical,
    )


def _quad(corners: Corners) -> Quad:
    first, second, third, fourth = ((round(float(x), 1), round(float(y), 1)) for x, y in corners)
    return first, second, third, fourth


def _rolled(quad: Quad, quarters: int) -> Quad:
    """The same corners, beginning where text that is turned clockwise so often begins."""
    first, second, third, fourth = quad[quarters:] + quad[:quarters]
    return first, second, third, fourth


def _part(quad: Quad, start: float, end: float, *, unroll: bool) -> Quad:
    """The part of a line's quadrilateral between two shares of its length."""
    top_left, top_right, bottom_right, bottom_left = quad
    part = (
        _between(top_left, top_right, start),
        _between(top_left, top_right, end),
        _between(bottom_left, bottom_right, end),
        _between(bottom_left, bottom_right, start),
    )
    return _rolled(part, 3) if unroll else part


def _between(first: Point, second: Point, share: float) -> Point:
    x = first[0] + (second[0] - first[0]) * share
    y = first[1] + (second[1] - first[1]) * share
    return round(x, 1), round(y, 1)
