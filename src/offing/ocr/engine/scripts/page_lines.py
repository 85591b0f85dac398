"""The lines of a page as they stand before and after Tesseract looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from offing.ocr.engine.crops import Corners, Pixels
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.scripts.doubt import ems
from offing.ocr.engine.scripts.judgement import recognised
from offing.ocr.engine.scripts.line_images import HEIGHT, LineImage, column_image, line_image
from offing.ocr.engine.scripts.marks import grown, marks
from offing.ocr.engine.scripts.tesseract import Tesseract

NOTHING = Recognised("", 0.0)


class Again(NamedTuple):
    """A line as Tesseract reads it."""

    read: Recognised
    signs: tuple[int, ...]
    """Places of boxes that hold but signs of this line."""


@dataclass(frozen=True)
class PageLines:
    """An upright page, the boxes on it and what stands in each."""

    pixels: Pixels
    quads: Sequence[Corners]
    read: Sequence[Recognised]
    """By PP-OCR."""
    found: list[Recognised]
    """The same, until something better is taken."""
    tesseract: Tesseract

    @cached_property
    def lengths(self) -> list[float]:
        """How long each box is, in its own heights."""
        return [ems(corners) for corners in self.quads]

    def longest_first(self, places: Iterable[int]) -> list[int]:
        """Places by the length of their boxes."""
        return sorted(places, key=lambda place: -self.lengths[place])

    def image(self, place: int, height: int = HEIGHT) -> LineImage:
        """The image of a line."""
        return line_image(self.pixels, self.quads[place], height)

    def read_again(self, places: Sequence[int], model: str, *, vertical: bool = False) -> dict[int, Again]:
        """What Tesseract reads in these boxes, less those that hold but a sign.

        Raises ``TesseractFailed``.
        """
        owners = {} if vertical else marks(self.quads, places)
        signs = {
            line: tuple(sign for sign, owner in owners.items() if owner == line)
            for line in places
            if line not in owners
        }
        framed = column_image if vertical else line_image
        images = [
            framed(self.pixels, grown(self.quads[line], [self.quads[sign] for sign in each]))
            for line, each in signs.items()
        ]
        words = self.tesseract.read(images, model, vertical=vertical) if images else []
        lengths = [image.shape[0 if vertical else 1] for image in images]
        reads = [
            recognised(each, length, vertical=vertical) for each, length in zip(words, lengths, strict=True)
        ]
        return {line: Again(read, signs[line]) for line, read in zip(signs, reads, strict=True)}

    def take(self, place: int, again: Again) -> None:
        """Let Tesseract's reading stand, and the boxes of its signs be empty."""
        self.found[place] = again.read
        for sign in again.signs:
            self.found[sign] = NOTHING
