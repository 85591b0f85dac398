"""How a PNG file is laid out: its chunks, without decoding any. PNG Specification (W3C, 2025), section 5."""

from __future__ import annotations

import struct

FIRST, CRC = 8, 4
"""Bytes of the signature, and of the sum that ends a chunk."""
HEAD = struct.Struct(">I4s")
"""How a chunk begins: the length of its content, and its kind."""
ANCILLARY = 0x20
"""Set in a kind's first byte: decoders may do without the chunk (5.4)."""
IMAGE, END = b"IDAT", b"IEND"
LOOKED_AT = frozenset(b"tRNS gAMA cHRM sRGB iCCP pHYs eXIf acTL fcTL fdAT".split())
"""Kinds of ancillary chunks of which a decoder tells something."""
TEXTS = frozenset(b"tEXt zTXt iTXt".split())
TELLING = (b"Raw profile type ", b"XML:com.adobe.xmp")
"""How a text begins that may say how the image is to be turned."""
MUCH_ELSE = 1_024
"""Other ancillary chunks that a reader in Python may well meet: it takes some microseconds for each."""

Data = bytes | bytearray | memoryview


def without_others(data: Data) -> Data:
    """The file without the ancillary chunks that say nothing to a decoder; as it is where they are few.

    A file of five megabytes may have 400,000 of them, which keep a reader in Python busy for three seconds.
    """
    kept, others, position, start = bytearray(), 0, FIRST, 0
    kind, last = b"", len(data) - HEAD.size - CRC
    while kind != END and position <= last:
        before = kind
        length, kind = HEAD.unpack_from(data, position)
        content = position + HEAD.size
        if length > len(data) - content - CRC:
            break
        # What stands behind the image's data ends them (5.6): the first of it stays.
        if before != IMAGE and _says_nothing(kind, data, content):
            if start < position:
                kept += data[start:position]
            start = content + length + CRC
            others += 1
        position = content + length + CRC
    return kept + data[start:] if others > MUCH_ELSE else data


def _says_nothing(kind: bytes, data: Data, content: int) -> bool:
    """Whether a chunk, whose content begins there, makes no difference to a decoder."""
    if kind in LOOKED_AT or not kind[0] & ANCILLARY:
        return False
    if kind in TEXTS:
        return not bytes(data[content : content + len(TELLING[1])]).startswith(TELLING)
    return kind.isalpha()
