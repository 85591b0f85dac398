"""Chunks as a xorb holds them: a header of eight bytes, and the content, compressed or not.

Source: draft-denis-xet, section "Xorbs". Header, little-endian: version (8 bits, 0), compressed length
(24 bits), scheme (8 bits), length (24 bits).
"""

from __future__ import annotations

import struct
import threading
from enum import IntEnum
from typing import NamedTuple, cast

import lz4.frame
import numpy as np

HEADER_BYTES = 8
LARGEST_CHUNK = 128 * 1024
LARGEST_COMPRESSED = LARGEST_CHUNK + 1024
"""What does not get smaller is kept as it is; a frame's own bytes are the difference."""

_HEADER = struct.Struct("<Q")


class Scheme(IntEnum):
    """How a chunk is compressed."""

    NONE = 0
    LZ4 = 1
    GROUPED_LZ4 = 2
    """The bytes of each place in words of four stand together, then LZ4."""


class BadChunk(Exception):  # noqa: N818  what came is bad, nothing went wrong here
    """The bytes are no chunk. The message is for logs."""


class Header(NamedTuple):
    """What stands before a chunk's content."""

    compressed: int
    """Bytes of the content as it is kept."""
    scheme: int
    length: int
    """Bytes of the content."""


def read_header(data: bytes | bytearray | memoryview, offset: int = 0) -> Header:
    """The header at an offset, its lengths within the protocol's bounds. Raises :class:`BadChunk`."""
    word = _HEADER.unpack_from(data, offset)[0]
    compressed, scheme, length = word >> 8 & 0xFFFFFF, word >> 32 & 0xFF, word >> 40
    if word & 0xFF:
        raise BadChunk("A chunk of an unknown version.")
    if not 0 < length <= LARGEST_CHUNK or not 0 < compressed <= LARGEST_COMPRESSED:
        raise BadChunk("A chunk of an impossible length.")
    return Header(compressed, scheme, length)


def decompress(content: memoryview, header: Header) -> bytes | memoryview:
    """The content of one chunk, of the length that its header names. Raises :class:`BadChunk`."""
    if header.scheme == Scheme.NONE:
        plain: bytes | memoryview = content
    elif header.scheme == Scheme.LZ4:
        plain = _inflate(content, header.length)
    elif header.scheme == Scheme.GROUPED_LZ4:
        plain = ungroup(_inflate(content, header.length))
    else:
        raise BadChunk("A chunk of an unknown scheme.")
    if len(plain) != header.length:
        raise BadChunk("A chunk of another length than it says.")
    return plain


def _inflate(content: memoryview, length: int) -> bytes:
    context = _kept.context
    # It may be in the middle of a frame that was bad.
    lz4.frame.reset_decompression_context(context)
    try:
        # A frame may say any size: no more than the header's is ever made of it.
        plain, consumed, ended = lz4.frame.decompress_chunk(context, content, max_length=length)
    except (RuntimeError, EOFError, ValueError) as error:
        raise BadChunk("A chunk that is not an LZ4 frame.") from error
    if not ended or consumed != len(content):
        raise BadChunk("A chunk whose LZ4 frame does not end with it.")
    return cast("bytes", plain)


def ungroup(grouped: bytes) -> memoryview:
    """Put back in place the bytes that :attr:`Scheme.GROUPED_LZ4` took apart."""
    source = np.frombuffer(grouped, np.uint8)
    whole, left = divmod(len(grouped), 4)
    if left:
        starts = [place * whole + min(place, left) for place in range(4)]
        plain = np.empty(len(grouped), np.uint8)
        for place, start in enumerate(starts):
            plain[place::4] = source[start : start + whole + (place < left)]
        return memoryview(plain.data)
    # Whole words are put together as numbers, in two steps: by a third faster than byte by byte.
    groups = source.reshape(4, whole)
    halves = groups[1::2].astype("<u2")
    halves <<= 8
    halves |= groups[0::2]
    words = halves[1].astype("<u4")
    words <<= 16
    words |= halves[0]
    return memoryview(words.data).cast("B")


class _Kept(threading.local):
    """A thread's own: to make one for each chunk takes longer than to inflate it."""

    def __init__(self) -> None:
        self.context = lz4.frame.create_decompression_context()


_kept = _Kept()
