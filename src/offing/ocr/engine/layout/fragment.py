"""Boxes of text in the reading frame: ``u`` grows the way a line is read, ``v`` from line to line.

In this frame every way of writing looks like Latin script on a straight page, and the steps that follow
know only one: a line runs to the right, the next one is below.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from offing.ocr.engine.layout.letters import weight
from offing.ocr.engine.layout.skew import direction, hull
from offing.ocr.engine.page import Line, Point, Quad

_ASKEW = 30.0
"""Degrees from the page's skew from which a text is one that stands across the others."""

_SMALLEST = 1.0
"""Pixels: text is never taken for smaller, so that boxes without height divide nothing by zero."""


class Writing(Enum):
    """Which way lines run and follow each other, as (direction of a line, direction of the lines)."""

    LEFT_TO_RIGHT = ((1, 0), (0, 1))
    RIGHT_TO_LEFT = ((-1, 0), (0, 1))
    TOP_TO_BOTTOM = ((0, 1), (-1, 0))


@dataclass(frozen=True, slots=True)
class Frame:
    """A page's skew in degrees, its way of writing, and its size in pixels."""

    skew: float
    writing: Writing
    width: int
    height: int

    def place(self, point: Point) -> Point:
        """A point of the page as (u, v)."""
        cosine, sine = math.cos(math.radians(self.skew)), math.sin(math.radians(self.skew))
        x, y = point[0] * cosine + point[1] * sine, point[1] * cosine - point[0] * sine
        (ux, uy), (vx, vy) = self.writing.value
        return ux * x + uy * y, vx * x + vy * y

    def around(self, quads: Sequence[Quad], angle: float) -> Quad:
        """The smallest rectangle around boxes that descends by ``angle`` degrees, cut at the page's edges."""
        a, b, c, d = (self._inside(corner) for corner in hull(quads, angle))
        return a, b, c, d

    def _inside(self, point: Point) -> Point:
        return min(max(point[0], 0.0), float(self.width)), min(max(point[1], 0.0), float(self.height))


@dataclass(frozen=True, slots=True)
class Fragment:
    """A detected box with its line: left, top, right and bottom in the frame."""

    line: Line
    left: float
    top: float
    right: float
    bottom: float
    size: float
    """Thickness of the text: its height, or its width where it is written downwards."""
    astray: bool
    """Stands across the lines of its frame, so that it is joined with none of them."""
    letters: int

    @property
    def middle(self) -> float:
        """Where the line lies among the others: half way down, or near its top if it stands across."""
        return self.top + self.size / 2 if self.astray else (self.top + self.bottom) / 2


def fragments(lines: Sequence[Line], frame: Frame) -> list[Fragment]:
    """The lines in the reading frame, in the order given."""
    return [_fragment(line, frame) for line in lines]


def _fragment(line: Line, frame: Frame) -> Fragment:
    downwards = frame.writing is Writing.TOP_TO_BOTTOM
    turned = abs((direction(line.bbox) - frame.skew + 180) % 360 - 180) > _ASKEW
    # A box written downwards is narrow: the angle of its short side is chance and does not count.
    turned = turned and not downwards
    astray = turned or (line.vertical != downwards and not _single(line))
    a, b, c, d = (frame.place(corner) for corner in line.bbox)
    ends: tuple[Point, ...] = (_middle(d, a), _middle(b, c))
    sides: tuple[Point, ...] = (_middle(a, b), _middle(c, d))
    if astray:
        ends = sides = (a, b, c, d)
    elif downwards:
        ends, sides = sides, ends
    left, right = _range(u for u, _ in ends)
    top, bottom = _range(v for _, v in sides)
    size = max(_SMALLEST, min(right - left, bottom - top) if astray else bottom - top)
    return Fragment(line, left, top, right, bottom, size, astray, weight(line.text))


def _single(line: Line) -> bool:
    """Whether a line is one character, whose box cannot tell which way it is written."""
    return len(line.text) == 1


def _range(values: Iterable[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[0], ordered[-1]


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
