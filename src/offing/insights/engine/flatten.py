"""Brings any mode to 8-bit gray or RGB, with or without the background that alpha lets through."""

from __future__ import annotations

import numpy as np
from PIL import Image

from offing.insights.engine.options import Alpha

GRAY_MODES = frozenset({"1", "L", "LA", "I;16", "I;16B"})
SIXTEEN_BIT = frozenset({"I;16", "I;16B"})
WITHOUT_WHITE = frozenset({"I", "F"})  # 32 bits of a TIFF: which number is white, only its maker knows
CHECKER_SQUARE = 8
CHECKER_GRAYS = (153, 204)


def flat_mode(image: Image.Image, alpha: Alpha) -> str:
    """``L`` where every channel is equal, else ``RGB``."""
    if image.mode in GRAY_MODES and (alpha == "ignore" or not image.has_transparency_data):
        return "L"
    return "RGB"


def is_flat(image: Image.Image, alpha: Alpha) -> bool:
    """Whether :func:`flatten` would give the image itself."""
    shows_through = alpha != "ignore" and image.has_transparency_data
    return image.mode == flat_mode(image, alpha) and not shows_through


def flatten(image: Image.Image, alpha: Alpha, top: int = 0) -> Image.Image:
    """The image in 8-bit ``L`` or ``RGB``; ``top`` is its first row's place in the whole image.

    Sixteen bits keep their high byte. With ``ignore``, transparent pixels keep the colour that is
    stored under them. Raises ValueError for modes that have no place in 0 to 255.
    """
    if image.mode in WITHOUT_WHITE:
        raise ValueError(image.mode)
    if alpha != "ignore" and image.has_transparency_data:
        background = _background(image.size, alpha, top)
        background.alpha_composite(_with_alpha(image))
        return background.convert("RGB")
    mode = flat_mode(image, alpha)
    if image.mode in SIXTEEN_BIT:
        return _high_byte(image)
    if image.mode == mode:
        return image
    image.info.pop("transparency", None)  # it plays no part, and Pillow would warn that it is dropped
    return image.convert(mode)


def _high_byte(image: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))


def _with_alpha(image: Image.Image) -> Image.Image:
    """The image in RGBA. Of sixteen bits all are compared with the value that is transparent."""
    if image.mode not in SIXTEEN_BIT:
        return image.convert("RGBA")
    opaque = np.asarray(image) != image.info["transparency"]
    alpha = Image.fromarray(opaque.astype(np.uint8) * 255)
    return Image.merge("LA", (_high_byte(image), alpha)).convert("RGBA")


def _background(size: tuple[int, int], alpha: Alpha, top: int) -> Image.Image:
    if alpha != "checker":
        return Image.new("RGBA", size, "white" if alpha == "white" else "black")
    rows = (np.arange(top, top + size[1]) // CHECKER_SQUARE)[:, None]
    columns = (np.arange(size[0]) // CHECKER_SQUARE)[None, :]
    grays = np.where((rows + columns) % 2, *CHECKER_GRAYS).astype(np.uint8)
    return Image.fromarray(grays).convert("RGBA")
