"""Images and things that are none, as files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def gray(path: Path, level: int, size: tuple[int, int] = (8, 4)) -> Path:
    """A flat gray image; its brightness is ``level`` of 255."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, level).save(path)
    return path


def noise(path: Path, size: tuple[int, int]) -> Path:
    """An image that does not compress."""
    Image.effect_noise(size, 80).save(path)
    return path
