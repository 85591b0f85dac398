"""A small file of each format, cut off after each of its bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial

from tests.hostile import jpeg_writer as jpeg
from tests.hostile import png_writer as png
from tests.hostile.upload import BROKEN, EITHER, FINE, JPEG, PNG, Upload

ROWS = b"".join(b"\0" + bytes([row * 31 % 256, 77, 200, row]) for row in range(4))
LENGTH, CHECKSUM, ADLER, LAST_CODE = 4, 4, 4, 1
"""Bytes behind the rows: the next chunk's length, the chunk's checksum, the zlib stream's, its last code."""


def small_png() -> bytes:
    """A PNG of 4 by 4 gray pixels."""
    return png.file(png.header(4, 4), png.chunk(b"IDAT", zlib.compress(ROWS, 9)), png.end())


def small_jpeg() -> bytes:
    """A JPEG of 16 by 16 gray pixels."""
    return jpeg.flat()


def of_png() -> Iterator[Upload]:
    """Each beginning of the PNG. Once the rows are whole, a decoder may do without the rest."""
    whole = small_png()
    rows_end = whole.index(b"IEND") - LENGTH - CHECKSUM - ADLER - LAST_CODE
    yield from _cut(whole, rows_end, PNG)


def of_jpeg() -> Iterator[Upload]:
    """Each beginning of the JPEG. Once the blocks are whole, a decoder may do without the rest."""
    whole = small_jpeg()
    yield from _cut(whole, len(whole) - len(jpeg.EOI), JPEG)


def _cut(whole: bytes, pixels_end: int, content_type: str) -> Iterator[Upload]:
    for length in range(len(whole) + 1):
        right = FINE if length == len(whole) else EITHER if length >= pixels_end else BROKEN
        part = whole[:length]
        yield Upload(f"{content_type[6:]}-cut-after-{length}", partial(bytes, part), right, content_type)
