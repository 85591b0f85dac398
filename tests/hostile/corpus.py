"""All hostile files as one list."""

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile import impostors, jpeg_files, jpeg_segments, png_files
from tests.hostile.upload import Upload


def uploads() -> Iterator[Upload]:
    """Every hostile file but the truncations, in a fixed order."""
    yield from png_files.files()
    yield from jpeg_files.files()
    yield from jpeg_segments.files()
    yield from impostors.files()


def representatives() -> Iterator[Upload]:
    """Some of every kind."""
    return (each for each in uploads() if each.representative)
