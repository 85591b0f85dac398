"""Pages of boxes for the tests of layout: what a detector would find on pages of known reading order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Line, Point, Quad, Word

SIZE = 20.0
"""Height of a box of body text in pixels; rows of it are 1.2 times that apart."""

PITCH = 24.0
WIDTH, HEIGHT = 1200, 1600

_LETTER = 0.5
"""Mean width of a letter in sizes."""

_WORDS = ("harbour", "tide", "lantern", "keel", "rope", "current", "anchor", "mast", "gull", "pilot", "buoy")


def line(
    text: str, x: float, y: float, size: float = SIZE, *, width: float = 0, script: str = "Latn"
) -> Line:
    """A box whose top left corner is at (x, y), as wide as its text unless told."""
    right = x + (width or max(1, len(text)) * _LETTER * size)
    return Line(text, 0.9, ((x, y), (right, y), (right, y + size), (x, y + size)), script=script)


def down(text: str, x: float, y: float, size: float = SIZE, script: str = "Jpan") -> Line:
    """A line written from top to bottom, a character a square."""
    bottom = y + len(text) * size
    quad = ((x, y), (x + size, y), (x + size, bottom), (x, bottom))
    return Line(text, 0.9, quad, script=script, vertical=True)


def prose(name: str, x: float, y: float, rows: int, width: float = 400.0) -> list[Line]:
    """Ragged rows of words, of which each says whose row it is: ``A1 harbour …``, ``A2 …``."""
    chance = np.random.default_rng(list(name.encode()))
    lines = []
    for row in range(rows):
        text = f"{name}{row + 1}"
        while (len(text) + 9) * _LETTER * SIZE < width:
            text += f" {chance.choice(_WORDS)}"
        lines.append(line(text, x, y + row * PITCH))
    return lines


def turned(lines: Iterable[Line], degrees: float) -> list[Line]:
    """The lines turned clockwise about the middle of the page."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def point(place: Point) -> Point:
        x, y = place[0] - WIDTH / 2, place[1] - HEIGHT / 2
        return WIDTH / 2 + x * cosine - y * sine, HEIGHT / 2 + x * sine + y * cosine

    def quad(corners: Quad) -> Quad:
        a, b, c, d = map(point, corners)
        return a, b, c, d

    def word(each: Word) -> Word:
        return msgspec.structs.replace(each, bbox=quad(each.bbox))

    return [
        msgspec.structs.replace(each, bbox=quad(each.bbox), words=tuple(map(word, each.words)))
        for each in lines
    ]


def read(lines: Sequence[Line]) -> list[str]:
    """The texts of the lines in reading order, arranged from a shuffled page."""
    return [text for block in paragraphs(lines) for text in block]


def paragraphs(lines: Sequence[Line]) -> list[list[str]]:
    """The texts of the lines of each block."""
    shuffled = np.random.default_rng(7).permutation(len(lines))
    blocks, _ = arrange([lines[place] for place in shuffled], WIDTH, HEIGHT)
    return [[each.text for each in block.lines] for block in blocks]


def names(lines: Sequence[Line]) -> list[str]:
    """The first word of each line in reading order."""
    return [text.split()[0] for text in read(lines)]


def numbered(name: str, rows: int) -> list[str]:
    """What :func:`names` gives for :func:`prose`."""
    return [f"{name}{row + 1}" for row in range(rows)]
