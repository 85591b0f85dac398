"""What a caller may ask of a reading; every option belongs to its call."""

from __future__ import annotations

from typing import Literal

import msgspec

Quality = Literal["accurate", "balanced", "fast"]
Orientation = Literal["auto", "0", "90", "180", "270"]


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a page is read."""

    quality: Quality = "accurate"
    """``accurate``: the small models. ``fast``: the tiny ones. ``balanced``: small finds lines, tiny
    reads them, and small reads the doubtful ones again."""
    language: str = "auto"
    """``auto``, or a language by its PaddleOCR name, ISO code or Tesseract name."""
    orientation: Orientation = "auto"
    """How far the content is turned clockwise, where the caller knows it."""
    min_confidence: float = 0.5
    """Lines below it are dropped, 0 to 1."""
    side_limit: int = 960
    """Longest side in pixels at which text is searched; 320 to 4000."""
