"""Images to files, small and the same on every run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image


def png(image: Image.Image) -> bytes:
    """A gray PNG of 16 levels, which is all that rendered letters need."""
    return _saved(image.point([value // 17 * 17 for value in range(256)]), "PNG", optimize=True)


def jpeg(image: Image.Image, quality: int = 60) -> bytes:
    """A JPEG, gray or of colours as the image is."""
    return _saved(image, "JPEG", quality=quality, optimize=True)


def fax(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF of black and white pages at 150 dots an inch, compressed as T.6 says."""
    first, *rest = [page.convert("1", dither=Image.Dither.NONE) for page in pages]
    options = {"compression": "group4", "dpi": (150, 150)}
    return _saved(first, "TIFF", save_all=True, append_images=rest, **options)


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
