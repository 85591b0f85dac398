"""A page as its document gives it, before it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.page import Page

PixelArray: TypeAlias = NDArray[np.uint8]
"""RGB, of shape (H, W, 3)."""
Allocate: TypeAlias = Callable[[int, int], PixelArray]
"""Gives room for the pixels of a page of a width and a height; what is in it does not matter."""
SourceKind: TypeAlias = Literal["image", "pdf-text", "pdf-scan"]


@dataclass(frozen=True, eq=False)
class PageSource:
    """One page, upright as its file says: EXIF orientation and a PDF's ``/Rotate`` are applied."""

    number: int
    """Place in its document, from 1."""
    width: int
    height: int
    """Pixels; of a page of text those that it would have, in which its places are told."""
    source: SourceKind
    dpi: float = 0.0
    """Pixels an inch; 0 where the file does not tell."""
    pixels: PixelArray | None = None
    """RGB of shape (height, width, 3), transparent parts over white; None where only text was asked for."""
    text: Page | None = None
    """The text that a PDF's page itself holds, where it is good; then there may be no pixels."""


def fresh(width: int, height: int) -> PixelArray:
    """Room in this process's own memory."""
    return np.empty((height, width, 3), np.uint8)
