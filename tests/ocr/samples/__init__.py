"""Images with their text, rendered by this project itself; ``generate`` makes them.

Every text here is the project's own. ``manifest.json`` says what each file shows, in the fields of
:class:`Sample`; tests of every room take the records from :func:`samples`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

import msgspec

FOLDER = Path(__file__).parent
MANIFEST = FOLDER / "manifest.json"
EXAMPLE = "../../../examples/receipt.jpg"
"""The receipt that the README reads, as the manifest names it."""

Group = Literal["simple", "complex", "turned", "latin-cjk", "scripts", "documents"]
Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A file and what there is to read in it."""

    file: str
    """Its name in the folder of samples."""
    group: Group
    shows: str
    """What it is, for people."""
    language: str
    """As Tesseract names it: ``eng``, ``chi_sim``, …"""
    lines: tuple[str, ...]
    """The text in reading order, the cells of a row joined by spaces; of all pages of a document."""
    boxes: tuple[Box, ...] = ()
    """Where the ink of each line is; empty where the page was bent or turned after it was written."""
    pages: tuple[int, ...] = ()
    """How many of the lines each page of a document holds; empty for images of one page."""
    unit: Literal["word", "char"] = "word"
    """What to count: ``char`` where the script writes no spaces."""
    ordered: bool = True
    """Whether only one order of the lines is right, so that an edit distance means something."""
    orientation: int = 0
    """How far the content is turned clockwise from upright: 0, 90, 180 or 270 degrees."""
    skew: float = 0.0
    """Degrees clockwise by which the lines descend, orientation apart."""
    vertical: bool = False
    """Whether the lines run from top to bottom."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return Path(self.file).stem

    @property
    def path(self) -> Path:
        """Where the file is."""
        return (FOLDER / self.file).resolve()

    @property
    def text(self) -> str:
        """The lines, each ended by a line feed but the last."""
        return "\n".join(self.lines)

    def page(self, number: int) -> tuple[str, ...]:
        """The lines of one page of a document, counted from 1."""
        start = sum(self.pages[: number - 1])
        return self.lines[start : start + self.pages[number - 1]]


class MadeWith(msgspec.Struct, frozen=True):
    """What decides about the pixels beside the generator."""

    pillow: str
    numpy: str
    fonts: dict[str, str]
    """The SHA-256 of each font file."""


class Manifest(msgspec.Struct, frozen=True):
    """All samples and what they were made with."""

    made_with: MadeWith
    samples: tuple[Sample, ...]


@functools.cache
def manifest() -> Manifest:
    """The committed manifest."""
    return msgspec.json.decode(MANIFEST.read_bytes(), type=Manifest)


def samples(*groups: Group) -> tuple[Sample, ...]:
    """The samples of these groups, or all of them."""
    return tuple(each for each in manifest().samples if not groups or each.group in groups)


def sample(name: str) -> Sample:
    """The sample of this name (its file's, with or without the ending)."""
    return next(each for each in manifest().samples if name in {each.name, each.file})
