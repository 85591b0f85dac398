"""Writes PNG files chunk by chunk (PNG specification, third edition), valid or broken on purpose."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8] | NDArray[np.uint16]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, column step and row step of each pass (section 8.1)."""


def chunk(kind: bytes, data: bytes = b"", *, length: int | None = None, crc: int | None = None) -> bytes:
    """One chunk; ``length`` and ``crc`` replace the right ones."""
    return (
        struct.pack(">I", len(data) if length is None else length)
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def header(width: int, height: int, depth: int = 8, colour: int = GRAY, rest: bytes = b"\0\0\0") -> bytes:
    """IHDR; ``rest`` is the compression method, the filter method and the interlace method."""
    return chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, colour) + rest)


def pixels(raw: bytes, level: int = 9) -> bytes:
    """IDAT with the deflated rows, each of which begins with its filter type."""
    return chunk(b"IDAT", zlib.compress(raw, level))


def end() -> bytes:
    """IEND."""
    return chunk(b"IEND")


def file(*chunks: bytes) -> bytes:
    """The signature and the chunks."""
    return SIGNATURE + b"".join(chunks)


def gray(width: int = 4, height: int = 4, *extra: bytes, value: int = 120) -> bytes:
    """A whole small flat gray file, with ``extra`` chunks between IHDR and IDAT."""
    rows = (b"\0" + bytes([value]) * width) * height
    return file(header(width, height), *extra, pixels(rows), end())


def encode(
    samples: Samples, depth: int, colour: int, *, interlaced: bool = False, extra: bytes = b""
) -> bytes:
    """A valid file of any colour type and depth.

    ``samples`` is height by width, by channels where there are several, each value below ``2**depth``;
    ``extra`` holds the chunks that stand before the pixels (PLTE, tRNS).
    """
    height, width = samples.shape[:2]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    parts = [samples[top::down, left::right] for left, top, right, down in passes]
    raw = b"".join(_rows(part, depth) for part in parts if part.size)
    rest = bytes([0, 0, int(interlaced)])
    return file(header(width, height, depth, colour, rest), extra, pixels(raw, 6), end())


def _rows(samples: Samples, depth: int) -> bytes:
    """Rows without a filter, packed to the depth, most significant bit first."""
    flat = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        packed = flat.astype(">u2").view(np.uint8)
    elif depth == 8:
        packed = flat.astype(np.uint8)
    else:
        bits = (flat[:, :, None] >> np.arange(depth - 1, -1, -1)) & 1
        packed = np.packbits(bits.reshape(flat.shape[0], -1).astype(np.uint8), axis=1)
    none = np.zeros((packed.shape[0], 1), np.uint8)
    return np.hstack([none, packed]).tobytes()
