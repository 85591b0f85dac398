"""Paints a decoded image of any mode into RGB pixels, strip by strip: little memory, and all in the cache."""

from __future__ import annotations

import numpy as np
from PIL import Image

from offing.ocr.documents.page_source import PixelArray

STRIP_PIXELS = 1 << 18
OPAQUE = 255
NUMBERS = frozenset({"I", "F"})
T = Image.Transpose
TURNS = {
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_270,
    7: T.TRANSVERSE,
    8: T.ROTATE_90,
}
"""What undoes each EXIF orientation (EXIF 2.32, section 4.6.4)."""
ACROSS = frozenset({T.TRANSPOSE, T.ROTATE_270, T.TRANSVERSE, T.ROTATE_90})
"""Turns that make columns of rows."""
FROM_THE_END = frozenset({T.ROTATE_180, T.FLIP_TOP_BOTTOM, T.ROTATE_270, T.TRANSVERSE})
"""Turns that lay the first row last."""


def paint(image: Image.Image, pixels: PixelArray, turn: Image.Transpose | None = None) -> None:
    """Fill ``pixels`` with a loaded image, turned; its shape is that of the turned image.

    Transparent parts lie over white. Sixteen bits keep their high byte. Numbers that have no white of
    their own (32 bits of a TIFF) are stretched between the least and the greatest.
    """
    width, height = image.size
    rows = max(1, STRIP_PIXELS // width)
    stretch = _extremes(image) if image.mode in NUMBERS else (0.0, 0.0)
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        part = image if rows >= height else image.crop((0, top, width, bottom))
        strip = _rgb(part, stretch)
        if turn is not None:
            strip = strip.transpose(turn)
        start, end = (height - bottom, height - top) if turn in FROM_THE_END else (top, bottom)
        place = pixels[:, start:end] if turn in ACROSS else pixels[start:end]
        place[...] = np.asarray(strip)


def _rgb(strip: Image.Image, stretch: tuple[float, float]) -> Image.Image:
    if strip.mode in NUMBERS:
        return _stretched(strip, *stretch)
    if strip.has_transparency_data:
        return _over_white(strip)
    if strip.mode.startswith("I;16"):
        strip = _high_byte(strip)
    return strip if strip.mode == "RGB" else strip.convert("RGB")


def _over_white(strip: Image.Image) -> Image.Image:
    layer = _with_alpha(strip)
    if layer.getchannel("A").getextrema()[0] == OPAQUE:
        return layer.convert("RGB")
    paper = Image.new("RGBA", strip.size, "white")
    paper.alpha_composite(layer)
    return paper.convert("RGB")


def _with_alpha(strip: Image.Image) -> Image.Image:
    """The strip in RGBA. Of sixteen bits all are compared with the value that is transparent."""
    if not strip.mode.startswith("I;16"):
        return strip.convert("RGBA")
    seen = np.asarray(strip) != strip.info["transparency"]
    alpha = Image.fromarray(seen.astype(np.uint8) * OPAQUE)
    return Image.merge("LA", (_high_byte(strip), alpha)).convert("RGBA")


def _high_byte(strip: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(strip).astype(np.uint16) >> 8).astype(np.uint8))


def _extremes(image: Image.Image) -> tuple[float, float]:
    numbers = np.asarray(image)
    finite = numbers[np.isfinite(numbers)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _stretched(strip: Image.Image, least: float, greatest: float) -> Image.Image:
    numbers = np.asarray(strip).astype(np.float64)
    scaled = (numbers - least) / ((greatest - least) or 1.0)
    bounded = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
    return Image.fromarray(np.rint(bounded * OPAQUE).astype(np.uint8)).convert("RGB")
