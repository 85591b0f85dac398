"""Images as documents: JPEG, PNG, BMP, WebP, GIF of one page, TIFF of many."""

from __future__ import annotations

import io
import math
import struct
import zlib
from importlib import import_module
from typing import cast

from PIL import Image, ImageFile

from offing.kernel.jpeg import count_scans, without_fill
from offing.kernel.png import without_others
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.media_types import PNG, TIFF
from offing.ocr.documents.page_source import Allocate, PageSource
from offing.ocr.documents.paint import ACROSS, TURNS, paint
from offing.ocr.problems import BrokenDocument, CostlyDocument, TooManyPages, TooManyPixels

DECODERS = {
    # By its class, for Image.open would first import what it takes to open fifty formats.
    "image/jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    PNG: ("PIL.PngImagePlugin", "PngImageFile"),
    TIFF: ("PIL.TiffImagePlugin", "TiffImageFile"),
    "image/webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "image/gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "image/bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
}
# What Pillow's decoders raise when they are fed a broken file; MemoryError is not among them.
DECODER_FAILURES = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, OverflowError, RuntimeError, EOFError,
    AssertionError, AttributeError, ArithmeticError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
ORIENTATION_TAG = 0x0112  # EXIF 2.32, section 4.6.4
SUBFILE_TYPE, REDUCED = 254, 1  # TIFF 6.0, NewSubfileType: a thumbnail of another page
PNG_DEPTH_AT = 24
MOST_DPI = 10_000


class ImagePages:
    """The pages of an image file. Raises BrokenDocument, CostlyDocument, TooManyPixels, TooManyPages."""

    def __init__(self, media_type: str, data: bytes | bytearray | memoryview, limits: DocumentLimits) -> None:
        self._limits, self._is_tiff = limits, media_type == TIFF
        module, name = DECODERS[media_type]
        if media_type == "image/jpeg":
            if count_scans(data, limits.max_scans) > limits.max_scans:
                raise CostlyDocument
            data = without_fill(data)
        if media_type == PNG:
            data = without_others(data)
        try:
            image = getattr(import_module(module), name)(io.BytesIO(data))
            self._image = cast("ImageFile.ImageFile", image)
            self._frames = _tiff_frames(self._image, limits) if self._is_tiff else [0]
        except DECODER_FAILURES:
            raise BrokenDocument from None
        if media_type == PNG:
            _scale_transparency(self._image, data[PNG_DEPTH_AT])

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._frames)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the current page, as its header tells them."""
        return self._image.size

    def page(self, number: int, allocate: Allocate, *, pixels: bool) -> PageSource:
        """Decode a page. Raises BrokenDocument, TooManyPixels."""
        del pixels  # an image is nothing else
        image = self._image
        try:
            image.seek(self._frames[number - 1])
            self._check()
            image.load()
            self._check()
            turn = None if self._is_tiff else _turn(image)  # Pillow turns a TIFF itself
            width, height = image.size[::-1] if turn in ACROSS else image.size
            room = allocate(width, height)
            paint(image, room, turn)
        except DECODER_FAILURES:
            raise BrokenDocument from None
        return PageSource(number, width, height, "image", _dpi(image), room)

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()

    def _check(self) -> None:
        width, height = self._image.size
        if width < 1 or height < 1:
            raise BrokenDocument
        if width * height > self._limits.max_pixels:
            raise TooManyPixels(max_pixels=self._limits.max_pixels, received_pixels=width * height)


def _tiff_frames(image: ImageFile.ImageFile, limits: DocumentLimits) -> list[int]:
    """The frames of a TIFF that are pages; each is looked at only until there are too many."""
    pages, frame = [], 0
    while True:
        try:
            image.seek(frame)
        except EOFError:
            break
        if not _is_thumbnail(image):
            pages.append(frame)
        frame += 1
        if frame > 2 * limits.max_pages or len(pages) > limits.max_pages:
            raise TooManyPages(max_pages=limits.max_pages)
    image.seek(0)
    return pages or [0]


def _is_thumbnail(image: ImageFile.ImageFile) -> bool:
    kind = getattr(image, "tag_v2", {}).get(SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & REDUCED)


def _turn(image: ImageFile.ImageFile) -> Image.Transpose | None:
    try:
        return TURNS.get(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001  broken EXIF data means no orientation, in whatever way it is broken
        return None


def _dpi(image: ImageFile.ImageFile) -> float:
    try:
        dpi = float(image.info["dpi"][0])
    except (KeyError, LookupError, TypeError, ValueError, ArithmeticError):
        return 0.0
    return round(dpi, 2) if math.isfinite(dpi) and 1 < dpi <= MOST_DPI else 0.0


def _scale_transparency(image: ImageFile.ImageFile, depth: int) -> None:
    """Bring the colour that tRNS names to the 8 bits to which Pillow brings the samples."""
    named = image.info.get("transparency")
    if image.mode == "L" and isinstance(named, int):
        image.info["transparency"] = named * 255 // (2**depth - 1)
    if image.mode == "RGB" and isinstance(named, tuple):
        image.info["transparency"] = tuple(sample >> (depth - 8) for sample in named)
