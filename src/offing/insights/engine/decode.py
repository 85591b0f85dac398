"""Decodes a file to a Pillow image, whole or shrunk on the way."""

from __future__ import annotations

import io
import struct
import zlib
from importlib import import_module
from typing import cast

from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin

from offing.insights.engine.header import (
    Header,
    check_size,
)
from offing.insights.engine.options import JPEG, PNG, Limits, Orientation, Precision
from offing.insights.problems import DecoderMissing, InvalidImage
from offing.kernel import jpeg, png

ORIENTATION_TAG = 0x0112  # EXIF 2.32, section 4.6.4
AS_STORED = 1
ORIENTATIONS = range(AS_STORED, 9)
TARGET = 512
DC_ONLY = 8
EOI = b"\xff\xd9"
BROKEN = "The file is broken or ends early."
# What Pillow's decoders raise when they are fed a broken file; MemoryError is not among them.
DECODER_FAILURES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    RuntimeError,
    EOFError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
PNG_DEPTH_AT = 24  # the byte of the header that tells the bits of a sample
OTHERS = {
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
}


def decode(
    data: bytes | bytearray, header: Header, limits: Limits, precision: Precision = "exact"
) -> Image.Image:
    """Decode to whatever mode the file is in. Raises InvalidImage, TooManyPixels."""
    try:
        image = _open(data, header, precision)
        if header.pixels and image.size != (header.width, header.height):
            raise InvalidImage("The file tells two sizes.")
        check_size(*image.size, limits)
        if precision == "fast" and header.format == JPEG:
            image.draft(image.mode, _least_size(image.size))
        image.load()
    except DECODER_FAILURES as error:
        raise InvalidImage(BROKEN) from error
    return image


def exif_orientation(image: Image.Image, orientation: Orientation) -> int:
    """How the file says that the image is to be shown, 1 (as it is stored) to 8: EXIF 2.32, 4.6.4."""
    if orientation == "stored":
        return AS_STORED
    try:
        told = image.getexif().get(ORIENTATION_TAG, AS_STORED)
    except Exception:  # noqa: BLE001  broken EXIF data means no orientation, in whatever way it is broken
        return AS_STORED
    return told if told in ORIENTATIONS else AS_STORED


def _open(data: bytes | bytearray, header: Header, precision: Precision) -> ImageFile.ImageFile:
    if header.format == JPEG:
        if precision == "fast" and header.progressive and _only_dc_is_looked_at(header):
            data = without_ac_scans(data)
        return JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg.without_fill(data)))
    if header.format == PNG:
        image = PngImagePlugin.PngImageFile(io.BytesIO(png.without_others(data)))
        _scale_transparency(image, data[PNG_DEPTH_AT])
        return image
    if header.format == "HEIF":
        return _open_heif(data)
    # By its class, for Image.open would first import what it takes to open fifty formats.
    module, name = OTHERS[header.format]
    return cast("ImageFile.ImageFile", getattr(import_module(module), name)(io.BytesIO(data)))


def _open_heif(data: bytes | bytearray) -> ImageFile.ImageFile:
    try:
        import pi_heif
    except ImportError:
        raise DecoderMissing from None
    pi_heif.register_heif_opener()
    return Image.open(io.BytesIO(data), formats=["HEIF"])


def _scale_transparency(image: PngImagePlugin.PngImageFile, depth: int) -> None:
    """Bring the colour that tRNS names to the 8 bits to which Pillow brings the samples."""
    named = image.info.get("transparency")
    if image.mode == "L" and isinstance(named, int):
        image.info["transparency"] = named * 255 // (2**depth - 1)
    if image.mode == "RGB" and isinstance(named, tuple):
        image.info["transparency"] = tuple(sample >> (depth - 8) for sample in named)


def _only_dc_is_looked_at(header: Header) -> bool:
    """Whether the decoder will shrink to an eighth, where a block is a pixel."""
    width, height = _least_size((header.width, header.height))
    return min(header.width // width, header.height // height) >= DC_ONLY


def _least_size(size: tuple[int, int]) -> tuple[int, int]:
    """The smallest size the decoder may shrink to: the longest side stays above the target."""
    longest = max(size)
    return max(1, size[0] * TARGET // longest), max(1, size[1] * TARGET // longest)


def without_ac_scans(data: bytes | bytearray) -> bytes | bytearray:
    """A progressive JPEG with its DC scans only, which hold each block's average: an eighth.

    Entropy decoding of the AC scans is three quarters of the time. Where they lack, libjpeg evens out
    neighbouring blocks, so that single pixels differ. A file that is not laid out as the standard
    says, or that ends early, comes back as it is. T.81, sections B.1.1, B.2.3 and G.1.
    """
    kept = bytearray(data[:2])
    position = 2
    while position + 4 <= len(data) and data[position] == jpeg.FILL:
        marker = data[position + 1]
        if marker == jpeg.END:
            return kept + EOI
        end = jpeg.next_segment(data, position, marker)
        is_ac = False
        if marker == jpeg.SCAN:
            is_ac = _spectral_start(data, position) != 0
            following = jpeg.NEXT_MARKER.search(data, end)
            end = following.start() if following else len(data)
        if not is_ac:
            kept += data[position:end]
        position = end
    return kept + EOI if data[position:] == EOI else data


def _spectral_start(data: bytes | bytearray, position: int) -> int:
    """The first coefficient of a scan: 0 is the DC one, which a scan of its own carries."""
    return data[position + 5 + 2 * data[position + 4]]
