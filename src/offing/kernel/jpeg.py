"""How a JPEG file is laid out: its segments and scans, without decoding any. ITU-T T.81, annex B."""

from __future__ import annotations

import re

FILL, END, SCAN = 0xFF, 0xD9, 0xDA
WITHOUT_LENGTH = frozenset(range(0xD0, 0xD9))  # restarts and a second start (B.1.1.3)
MARK = re.compile(rb"\xff+")  # fill bytes, as many as you like, and a marker's first byte (B.1.1.2)
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""Behind a scan's header: compressed data has a zero, or a restart's number, behind each such byte."""
SCAN_MARKER = re.compile(rb"\xff\xda")
MOST_OTHERS = 4_096
"""Markers of another kind that are passed over in search of scans; whole files have some dozens."""

MUCH_FILL = 1_024
"""Fill bytes that a reader in Python may well meet: it takes a microsecond for each."""

Data = bytes | bytearray | memoryview


def next_segment(data: Data, position: int, marker: int) -> int:
    """Where the segment behind a marker ends, and the next one begins."""
    if marker == FILL and (mark := MARK.match(data, position)):
        return mark.end() - 1
    if marker in WITHOUT_LENGTH:
        return position + 2
    return position + 2 + int.from_bytes(data[position + 2 : position + 4])


def count_scans(data: Data, most: int) -> int:
    """How many scans a decoder would find, or ``most`` + 1 where they are more.

    Each scan may go over the whole picture, so that a short file with many costs a decoder minutes.
    What stands behind the image's end, such as a phone's film, holds none, whatever its bytes are.
    """
    marks = sum(1 for _, _ in zip(SCAN_MARKER.finditer(data), range(most + 1), strict=False))
    if marks <= most:  # true of nearly every file
        return marks
    scans, position = 0, 2
    for _ in range(MOST_OTHERS + most):
        found = NEXT_MARKER.search(data, position)  # decoders, too, pass over what is no marker
        marker = data[found.start() + 1] if found else END
        if not found or marker == END or scans > most:
            return scans
        scans += marker == SCAN
        position = next_segment(data, found.start(), marker)
    return most + 1


def without_fill(data: Data) -> Data:
    """The file without the fill bytes before its first scan; as it is where they are few.

    The standard lets as many stand before a marker as a writer likes, and a megabyte of them would keep a
    reader in Python busy for a second (B.1.1.2).
    """
    kept, fill, position, start = bytearray(), 0, 2, 0
    for _ in range(MOST_OTHERS):
        if position + 1 >= len(data) or data[position] != FILL or data[position + 1] in {SCAN, END}:
            break
        marker = data[position + 1]
        end = next_segment(data, position, marker)
        if marker == FILL:
            kept += data[start:position]
            fill, start = fill + end - position, end
        position = end
    return kept + data[start:] if fill > MUCH_FILL else data
