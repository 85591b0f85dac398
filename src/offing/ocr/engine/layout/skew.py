"""How far the lines of a page descend, and places that follow the lines instead of the page's edges."""

from __future__ import annotations

import math
from collections.abc import Sequence

from offing.ocr.engine.page import Line, Point, Quad

_STEEPEST = 45.0
"""Degrees: a box that leans more stands across the page and says nothing about its skew."""

_LONG = 3.0
"""Length over height from which a box's own angle can be trusted."""


def skew(lines: Sequence[Line]) -> float:
    """Degrees clockwise by which the text descends: the mean angle of the middle half, weighted by length.

    A mean of the middle half is as deaf to stray boxes as a median, and on a page bent at its spine, whose
    halves lean to both sides, it takes neither. Only long boxes vote where there are any: the angle of a
    short one is chance.
    """
    votes = [vote for vote in map(_vote, lines) if abs(vote[0]) <= _STEEPEST]
    trusted = [(angle, length) for angle, length, is_long in votes if is_long]
    return _middle_mean(trusted or [(angle, length) for angle, length, _ in votes])


def _vote(line: Line) -> tuple[float, float, bool]:
    """Angle in degrees, length in pixels, and whether the box is long."""
    a, b, c, d = line.bbox
    across, down = _vector(_middle(a, d), _middle(b, c)), _vector(_middle(a, b), _middle(d, c))
    if line.vertical:  # the long side runs down: a quarter turn further than the angle sought
        across, down = (down[1], -down[0]), across
    length = math.hypot(*across)
    return math.degrees(math.atan2(across[1], across[0])), length, length >= _LONG * math.hypot(*down)


def _middle_mean(votes: list[tuple[float, float]]) -> float:
    """Mean of the angles between the quartiles of the length."""
    total = sum(length for _, length in votes)
    passed = counted = 0.0
    for angle, length in sorted(votes):
        share = min(passed + length, total * 0.75) - max(passed, total * 0.25)
        counted += angle * max(0.0, share)
        passed += length
    return counted / (total / 2) if total else 0.0


def direction(quad: Quad) -> float:
    """Degrees clockwise by which a box's text descends."""
    a, b, c, d = quad
    x, y = _vector(_middle(a, d), _middle(b, c))
    return math.degrees(math.atan2(y, x))


def hull(quads: Sequence[Quad], angle: float) -> Quad:
    """The smallest rectangle around ``quads`` whose text descends by ``angle`` degrees."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    along = [x * cosine + y * sine for quad in quads for x, y in quad]
    across = [y * cosine - x * sine for quad in quads for x, y in quad]
    left, right, top, bottom = min(along), max(along), min(across), max(across)

    def corner(u: float, v: float) -> Point:
        return u * cosine - v * sine, u * sine + v * cosine

    return corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _vector(a: Point, b: Point) -> Point:
    return b[0] - a[0], b[1] - a[1]
