"""Inputs of the command: what they stand for, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from offing.cli import files
from offing.cli.files import STDIN, Refusals, files_below
from offing.insights.problems import EmptyImage, ImageTooLarge

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "HEIF": (".heic", ".heif"),
}
"""What files of a format are called; only in a directory does the name of a file matter."""
REFUSALS = Refusals(ImageTooLarge, EmptyImage, "No image of an allowed format is in this directory.")


def is_url(named: str) -> bool:
    """Whether an input is fetched rather than read."""
    return named.lower().startswith(("http://", "https://"))


def expand(named: Iterable[str], formats: Iterable[str]) -> list[str]:
    """The inputs, with each directory replaced by the images below it, in the order of their names.

    Hidden files and links to directories are left out. A directory without images stays, to be
    told of where it is read.
    """
    suffixes = tuple(suffix for name in formats for suffix in SUFFIXES[name])
    expanded: list[str] = []
    for each in named:
        if each != STDIN and not is_url(each) and Path(each).is_dir():
            expanded += list(files_below(each, suffixes)) or [each]
        else:
            expanded.append(each)
    return expanded


async def read(path: str, max_bytes: int) -> bytearray:
    """The bytes of a file, or of standard input. Raises Unreadable, ImageTooLarge, EmptyImage."""
    return await files.read(path, max_bytes, REFUSALS)
