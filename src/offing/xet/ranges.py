"""Byte ranges that a client asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from offing.xet.problems import BadRange

MOST_RANGES = 16
LONGEST = 1024

_RANGES = re.compile(r"bytes\s*=\s*(.+)", re.IGNORECASE | re.ASCII)
_RANGE = re.compile(r"([0-9]*)\s*-\s*([0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes [start, end)."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """In bytes."""
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """The value of Content-Range."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def read_ranges(header: str | None, size: int) -> list[Span]:
    """The ranges that a file of some size has of those asked for; none for the whole file.

    What is no list of byte ranges is left unheard (RFC 9110, section 14.2), and ranges that are together
    more than the file get the file. Raises BadRange where the file has none of them, and for more ranges
    than there is reason to ask for.
    """
    found = _RANGES.fullmatch(header.strip()) if header and len(header) <= LONGEST else None
    if found is None:
        return []
    parts = [_RANGE.fullmatch(part.strip()) for part in found[1].split(",") if part.strip()]
    spans: list[Span] = []
    for part in parts:
        if part is None or not (part[1] or part[2]) or (part[1] and part[2] and int(part[2]) < int(part[1])):
            return []
        spans += _span(part[1], part[2], size)
    if not parts:
        return []
    if not spans or len(parts) > MOST_RANGES:
        raise BadRange(headers={"Content-Range": f"bytes */{size}"})
    return [] if sum(span.length for span in spans) > size else spans


def _span(first: str, last: str, size: int) -> list[Span]:
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return [Span(start, end)] if start < end else []
