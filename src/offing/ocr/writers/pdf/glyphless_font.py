"""The smallest TrueType font that PDF viewers take: one glyph without ink, and every character is that one.

The glyph is a stroke without width from its box's one corner to the other, for PDFium takes a character's
place from its outline, and overlooks text without one. A two-byte code cannot tell all of Unicode's
characters apart, so each plane of 65,536 has its own composite font, in which a code is a character's low
16 bits; they share one descendant. Only the planes that a document uses are written.

Sources: OpenType 1.9, "Font file" and its tables; ISO 32000-1, 9.7.4 CIDFonts, 9.7.6 Type 0 fonts,
9.8 font descriptors, 9.10.3 ToUnicode CMaps; Adobe Technical Note 5014 for the CMap's form.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

ADVANCE = 500
"""Width of every character, in thousandths of the font's size: near the mean of Latin text."""

ASCENT, DESCENT = 800, -200
"""Height above and below the baseline, in thousandths of the font's size."""

_UNITS = 1000
_BOX = (0, DESCENT, ADVANCE, ASCENT)

# One contour of two points on the curve, without instructions; then their distances across and up.
_STROKE = struct.pack(">hhhhhHHBBhhhh", 1, *_BOX, 1, 0, 1, 1, 0, ADVANCE, DESCENT, ASCENT - DESCENT)

_LINES = 100  # of a section of a CMap, at most
_SURROGATES = range(0xD800, 0xE000)


def font_file() -> bytes:
    """The font: an empty ``.notdef`` and the glyph, with the tables that ISO 32000-1, 9.9 asks for."""
    tables = {
        b"glyf": _STROKE,
        b"head": _head(),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh8xhH", 1 << 16, ASCENT, DESCENT, 0, ADVANCE, 0, 0, 0, 1, 0, 0, 0, 2
        ),
        b"hmtx": struct.pack(">HhHh", ADVANCE, 0, ADVANCE, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(_STROKE) // 2),
        b"maxp": struct.pack(">IHHH4xH16x", 1 << 16, 2, 2, 1, 1),
    }
    offset = 12 + 16 * len(tables)
    directory, body = struct.pack(">IHHHH", 1 << 16, len(tables), 64, 2, 16 * len(tables) - 64), b""
    for tag, table in tables.items():
        directory += struct.pack(">4sIII", tag, _checksum(table), offset + len(body), len(table))
        body += _padded(table)
    font = directory + body
    adjustment = struct.pack(">I", (0xB1B0AFBA - _checksum(font)) & 0xFFFFFFFF)
    where = font.index(tables[b"head"]) + 8
    return font[:where] + adjustment + font[where + 4 :]


def _head() -> bytes:
    version, magic, flags = 1 << 16, 0x5F0F3CF5, 0
    return struct.pack(
        ">IIIIHHqqhhhhHHhhh", version, 1 << 16, 0, magic, flags, _UNITS, 0, 0, *_BOX, 0, 8, 2, 0, 0
    )


def _padded(table: bytes) -> bytes:
    return table + bytes(-len(table) % 4)


def _checksum(data: bytes) -> int:
    padded = _padded(data)
    return sum(int.from_bytes(padded[at : at + 4]) for at in range(0, len(padded), 4)) & 0xFFFFFFFF


def glyph_of_each_code() -> bytes:
    """The CIDToGIDMap: whatever the code, glyph 1."""
    return struct.pack(">H", 1) * 65536


def encode(text: str) -> Iterator[tuple[int, bytes]]:
    """The text's planes, one after the other, each with the codes of the characters that are in it."""
    plane, codes = -1, bytearray()
    for character in text:
        point = ord(character)
        if point >> 16 != plane and codes:
            yield plane, bytes(codes)
            codes.clear()
        plane = point >> 16
        codes += struct.pack(">H", point & 0xFFFF)
    if codes:
        yield plane, bytes(codes)


def to_unicode(plane: int) -> bytes:
    """The CMap that tells a plane's characters. A range stays within one high byte, as it must."""
    ranges = [low for low in range(0, 0x10000, 0x100) if plane or low not in _SURROGATES]
    sections = []
    for first in range(0, len(ranges), _LINES):
        rows = "".join(
            f"<{low:04X}> <{low + 0xFF:04X}> <{_utf16(plane, low)}>\n" for low in ranges[first:][:_LINES]
        )
        sections.append(f"{rows.count(chr(10))} beginbfrange\n{rows}endbfrange\n")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        f"/CMapName /Plane{plane} def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{''.join(sections)}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _utf16(plane: int, low: int) -> str:
    return chr(plane << 16 | low).encode("utf-16-be").hex().upper()
