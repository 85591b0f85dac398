"""Reads a file's header without decoding it: what it claims to be, and what it would cost.

Pure Python over a few bytes, so that the server may ask before a worker is troubled. Sources:
JPEG, ITU-T T.81 annex B; PNG, W3C PNG third edition, sections 5 and 11.
"""

from __future__ import annotations

import re
import struct

import msgspec

from offing.insights.engine.options import JPEG, PNG, Limits
from offing.insights.problems import InvalidImage, TooManyPixels, UnsupportedType
from offing.kernel import jpeg

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
MOST_DEFLATE_GAIN = 1032  # of zlib: 258 bytes from 2 bits
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_DECODED_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
JPEG_PROGRESSIVE = 0xC2
PNG_HEADER_END = 33
MOST_SEGMENTS = 65_536
"""Segments before the frame; real files have a few dozen, and each costs a decoder time."""
LEAST_BITS_A_BLOCK = 2  # the shortest DC code and the shortest end of block
MEDIA_TYPES = {
    JPEG: "image/jpeg",
    PNG: "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "HEIF": "image/heif",
}
SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(re.escape(PNG_SIGNATURE)), PNG),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "TIFF"),
    (re.compile(rb"....ftyp(avif|avis)", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp(heic|heix|hevc|mif1|msf1)", re.DOTALL), "HEIF"),
)


class Header(msgspec.Struct, frozen=True):
    """What a file claims. ``width`` and ``height`` are 0 where only its decoder can tell."""

    format: str
    width: int = 0
    height: int = 0
    scans: int = 1
    progressive: bool = False
    least_bytes: int = 0
    """The fewest bytes that could hold so many pixels."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height


def read_header(data: bytes | bytearray, limits: Limits, *, most_segments: int = MOST_SEGMENTS) -> Header:
    """Read and check a header.

    A JPEG may have thousands of segments before the one that tells its size; past ``most_segments``
    it is taken as one that tells none. Raises UnsupportedType for a format that is not allowed,
    TooManyPixels, and InvalidImage for what is no image, or claims more than its bytes could hold.
    """
    kind = next((name for pattern, name in SIGNATURES if pattern.match(data)), None)
    if kind is None:
        raise InvalidImage("The file is not an image of an allowed format.")
    if kind not in limits.formats:
        allowed = [MEDIA_TYPES[name] for name in limits.formats]
        raise UnsupportedType(allowed_types=allowed, received_type=MEDIA_TYPES[kind])
    header = READERS[kind](data, limits, most_segments) if kind in READERS else None
    if header is None:
        return Header(kind)
    check_size(header.width, header.height, limits)
    if header.least_bytes > len(data):
        raise InvalidImage("The header tells of more pixels than the file can hold.")
    if header.scans > limits.max_scans:
        raise InvalidImage(f"The file has more than {limits.max_scans} scans.")
    return header


def check_size(width: int, height: int, limits: Limits) -> None:
    """Refuse an image without pixels, or with more than the limit."""
    if width < 1 or height < 1:
        raise InvalidImage("The image has no pixels.")
    if width * height > limits.max_pixels:
        raise TooManyPixels(max_pixels=limits.max_pixels, received_pixels=width * height)


def _png(data: bytes | bytearray, _limits: Limits, _most_segments: int) -> Header:
    if len(data) < PNG_HEADER_END or data[12:16] != b"IHDR":
        raise InvalidImage("The PNG header is missing.")
    width, height, depth, kind = struct.unpack_from("!IIBB", data, 16)
    if kind not in PNG_CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise InvalidImage("The PNG header is not valid.")
    least = height * (width * PNG_CHANNELS[kind] * depth // 8) // MOST_DEFLATE_GAIN
    return Header(PNG, width, height, least_bytes=least)


def _jpeg(data: bytes | bytearray, limits: Limits, most_segments: int) -> Header | None:
    position = 2
    for _ in range(most_segments):
        if position + 4 > len(data) or data[position] != jpeg.FILL:
            break
        marker = data[position + 1]
        if marker in JPEG_FRAMES:
            return _jpeg_frame(data, limits, position, marker)
        if marker in (jpeg.END, jpeg.SCAN):
            break
        position = jpeg.next_segment(data, position, marker)
    else:
        if most_segments < MOST_SEGMENTS:
            return None
        raise InvalidImage(f"The file has more than {MOST_SEGMENTS} segments.")
    raise InvalidImage("The JPEG header is broken or ends before it tells a size.")


def _jpeg_frame(data: bytes | bytearray, limits: Limits, position: int, marker: int) -> Header:
    if marker not in JPEG_DECODED_FRAMES or position + 10 > len(data):
        raise InvalidImage("This kind of JPEG is not supported.")
    depth, height, width, components = struct.unpack_from("!BHHB", data, position + 4)
    if depth != 8 or components not in (1, 3, 4):  # noqa: PLR2004  T.81: the kinds that decoders know
        raise InvalidImage("This kind of JPEG is not supported.")
    scans = jpeg.count_scans(data, limits.max_scans)
    progressive = marker == JPEG_PROGRESSIVE
    # A progressive file may end a run of blocks in one code; a baseline one spends bits on each.
    bits = 1 if progressive else LEAST_BITS_A_BLOCK
    return Header(JPEG, width, height, scans, progressive, width * height // 64 * bits // 8)


READERS = {JPEG: _jpeg, PNG: _png}
