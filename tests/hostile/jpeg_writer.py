"""Writes JPEG files segment by segment (ITU-T T.81), valid or broken on purpose.

The Huffman tables hold one symbol each, coded as a single 0 bit. So entropy-coded data of nothing but
zero bytes is a flat mid-gray image, two bits a block: a picture of any size from a few bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
SOF0, SOF1, SOF2, SOF3, SOF5, SOF6, SOF7 = 0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7
DHT, SOF9, SOF10, SOF11, DAC, RST0 = 0xC4, 0xC9, 0xCA, 0xCB, 0xCC, 0xD0
SOS, DQT, DNL, DRI, DHP, APP0, COM = 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xE0, 0xFE
END_OF_BLOCK, LONGEST_RUN = 0x00, 0xE0
"""AC symbols: the block ends here; at least 16,384 blocks end here (section G.1.2.2)."""

Component = tuple[int, int, int]
"""Identifier, horizontal and vertical sampling factors."""
GRAY: tuple[Component, ...] = ((1, 1, 1),)


def segment(marker: int, payload: bytes = b"", *, length: int | None = None) -> bytes:
    """A marker with its parameters; ``length`` replaces the right one."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2 if length is None else length) + payload


def quantisation(table: int = 0, values: bytes = b"\x10" * 64) -> bytes:
    """DQT with one 8-bit table."""
    return segment(DQT, bytes([table]) + values)


def huffman(kind: int, table: int = 0, symbols: bytes = b"\0", counts: Sequence[int] = (1,)) -> bytes:
    """DHT; ``kind`` is 0 for DC and 1 for AC, ``counts`` the number of codes of each length from 1 on."""
    return segment(DHT, bytes([kind << 4 | table]) + bytes(counts).ljust(16, b"\0") + symbols)


def frame(
    width: int,
    height: int,
    components: Sequence[Component] = GRAY,
    marker: int = SOF0,
    precision: int = 8,
) -> bytes:
    """A start of frame; every component uses quantisation table 0."""
    listed = b"".join(bytes([name, across << 4 | down, 0]) for name, across, down in components)
    return segment(marker, struct.pack(">BHHB", precision, height, width, len(components)) + listed)


def scan(
    data: bytes,
    names: Sequence[int] = (1,),
    *,
    spectrum: tuple[int, int] = (0, 63),
    approximation: tuple[int, int] = (0, 0),
) -> bytes:
    """A start of scan with its entropy-coded data; every component uses tables 0."""
    high, low = approximation
    listed = b"".join(bytes([name, 0]) for name in names)
    return segment(SOS, bytes([len(names)]) + listed + bytes([*spectrum, high << 4 | low])) + data


def tables(end_of_band: int = END_OF_BLOCK) -> bytes:
    """The quantisation table and both Huffman tables."""
    return quantisation() + huffman(0) + huffman(1, symbols=bytes([end_of_band]))


def blocks(width: int, height: int) -> int:
    """How many 8-by-8 blocks cover one component."""
    return -(-width // 8) * -(-height // 8)


def file(*segments: bytes) -> bytes:
    """The segments between the start and the end of the image."""
    return SOI + b"".join(segments) + EOI


def flat(width: int = 16, height: int = 16, *extra: bytes) -> bytes:
    """A whole flat mid-gray baseline file, with ``extra`` segments at its head."""
    data = bytes(-(-blocks(width, height) * 2 // 8))
    return file(*extra, tables(), frame(width, height), scan(data))


def flat_of(components: Sequence[Component], width: int = 16, height: int = 16, *extra: bytes) -> bytes:
    """A flat baseline file of several components; more data than any sampling of them needs."""
    data = bytes(-(-blocks(width, height) * 2 * 16 * len(components) // 8))
    names = [name for name, _, _ in components]
    return file(*extra, tables(), frame(width, height, components), scan(data, names))
