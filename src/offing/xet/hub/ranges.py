"""Byte ranges as requests ask for them (RFC 9110, section 14)."""

from __future__ import annotations

import re

from offing.xet.hub.refusals import Refusal

MOST_RANGES = 4096
_RANGES = re.compile(r"bytes=([0-9,\- ]+)")
_RANGE = re.compile(r"(\d{0,19})-(\d{0,19})")

Range = tuple[int, int]
"""First byte, and the byte after the last."""


def read_ranges(header: str, size: int) -> list[Range] | None:
    """The ranges that lie within a size; none where the header is to be ignored.

    Raises Refusal (416) where no range has a byte.
    """
    found = _RANGES.fullmatch(header.strip())
    if found is None or found[1].count(",") >= MOST_RANGES:
        return None
    ranges = []
    for part in found[1].split(","):
        match = _RANGE.fullmatch(part.strip())
        if match is None or not (match[1] or match[2]):
            return None
        one = _resolve(match[1], match[2], size)
        if one is None:
            return None
        if one[0] < one[1]:
            ranges.append(one)
    if not ranges:
        raise Refusal(416, "No byte of this range exists.", headers={"Content-Range": f"bytes */{size}"})
    return ranges


def _resolve(first: str, last: str, size: int) -> Range | None:
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size
