"""What recognising a line's image gives, before it has a place on the page."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True):
    """A word within a line: where it starts and ends along the line, 0 to 1 in reading direction."""

    text: str
    confidence: float
    start: float
    end: float


class Recognised(msgspec.Struct, frozen=True):
    """The text of one line's image."""

    text: str
    confidence: float
    """0 to 1, the mean over its characters."""
    spans: tuple[Span, ...] = ()
    engine: str = ""
