"""Decodes a file to a Pillow image, whole or shrunk on the way."""

from __future__ import annotations

import io
import re
import struct
import zlib

from PIL import Image, JpegImagePlugin, PngImagePlugin

from offing.insights.engine.header import JPEG_END, JPEG_SCAN, Header, check_size
from offing.insights.engine.options import JPEG, PNG, Limits, Orientation, Precision
from offing.insights.problems import InvalidImage

ORIENTATION_TAG = 0x0112  # EXIF 2.32, section 4.6.4
TARGET = 512
DC_ONLY = 8
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
BROKEN = "The file is broken or ends early."
# What Pillow's decoders raise when they are fed a broken file; MemoryError is not among them.
DECODER_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
)

Image.MAX_IMAGE_PIXELS = None  # the header has been checked against our own limit
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 1024 * 1024


def decode(
    data: bytes | bytearray, header: Header, limits: Limits, precision: Precision = "exact"
) -> Image.Image:
    """Decode to whatever mode the file is in. Raises InvalidImage, TooManyPixels."""
    try:
        image = _open(data, header, precision)
        check_size(*image.size, limits)
        if precision == "fast" and header.format == JPEG:
            image.draft(image.mode, _least_size(image.size))
        image.load()
    except DECODER_FAILURES as error:
        raise InvalidImage(BROKEN) from error
    return image


def exif_turn(image: Image.Image, orientation: Orientation) -> Image.Transpose | None:
    """The transposition that the EXIF orientation asks for; None where there is nothing to do."""
    if orientation == "stored":
        return None
    try:
        return TURNS.get(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001  broken EXIF data means no orientation, in whatever way it is broken
        return None


def _open(data: bytes | bytearray, header: Header, precision: Precision) -> Image.Image:
    if header.format == JPEG:
        if precision == "fast" and header.progressive and _scale(header.width, header.height) == DC_ONLY:
            data = without_ac_scans(data)
        return JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    if header.format == PNG:
        return PngImagePlugin.PngImageFile(io.BytesIO(data))
    if header.format == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    return Image.open(io.BytesIO(data), formats=[header.format])


def _scale(width: int, height: int) -> int:
    return min(DC_ONLY, max(width, height) // TARGET)


def _least_size(size: tuple[int, int]) -> tuple[int, int]:
    """The smallest size the decoder may shrink to: the longest side stays above the target."""
    longest = max(size)
    return max(1, size[0] * TARGET // longest), max(1, size[1] * TARGET // longest)


def without_ac_scans(data: bytes | bytearray) -> bytes:
    """A progressive JPEG with its DC scans only, which is all that a decode to 1/8 looks at.

    Entropy decoding of the AC scans is three quarters of the time. T.81, sections B.2.3 and G.1.
    """
    kept = bytearray(data[:2])
    position = 2
    while position + 4 <= len(data):
        marker = data[position + 1]
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4])
        if marker == JPEG_SCAN:
            spectral_start = data[position + 5 + 2 * data[position + 4]]
            found = NEXT_MARKER.search(data, end)
            end = found.start() if found else len(data)
            if spectral_start == 0:
                kept += data[position:end]
        elif marker == JPEG_END:
            break
        else:
            kept += data[position:end]
        position = end
    return bytes(kept + b"\xff\xd9")


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
