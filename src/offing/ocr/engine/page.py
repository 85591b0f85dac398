"""What reading gives: pages of blocks of lines of words, each with its place and its confidence.

Places are quadrilaterals in pixels of the page as it is displayed (EXIF orientation applied): x grows to
the right, y downwards. The first corner is where the text itself begins (its own top left), the others
follow clockwise as the text's reader sees them. So a quadrilateral tells the direction of its text, on a
page that lies on its side too.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

PLACES = 6
"""Decimals that a turn keeps of a place, so that turned back it is the same number."""
Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right and bottom left corner of a text, as its reader sees it."""


class Word(msgspec.Struct, frozen=True):
    """A run of characters between spaces; in scripts that write no spaces, a run of characters."""

    text: str
    confidence: float
    """0 to 1."""
    bbox: Quad


class Line(msgspec.Struct, frozen=True):
    """A line of text, its words in logical order."""

    text: str
    confidence: float
    """0 to 1, the mean over its characters."""
    bbox: Quad
    words: tuple[Word, ...] = ()
    script: str = "Latn"
    """ISO 15924 code of most of its letters; ``Zyyy`` where it has none."""
    engine: str = ""
    """What read it: ``pp-ocrv6-small``, ``tesseract``, ``pdf``, …"""
    vertical: bool = False
    """Written from top to bottom, as CJK text may be; the quadrilateral is that of an upright reader."""


class Block(msgspec.Struct, frozen=True):
    """Lines that belong together, in reading order: a paragraph, a column's part, a cell."""

    lines: tuple[Line, ...]
    bbox: Quad

    @property
    def text(self) -> str:
        """The lines, each ended by a line feed but the last."""
        return "\n".join(line.text for line in self.lines)


class Page(msgspec.Struct, frozen=True):
    """A page in reading order."""

    width: int
    height: int
    """Pixels of the page as displayed."""
    blocks: tuple[Block, ...] = ()
    number: int = 1
    """Place in its document, from 1."""
    orientation: int = 0
    """How far the content is turned clockwise from upright: 0, 90, 180 or 270 degrees."""
    skew: float = 0.0
    """What is left of the turn: degrees clockwise by which the lines of the upright page descend."""
    source: str = "image"
    """``image``, or where the page is of a PDF: ``pdf-text`` (born digital) or ``pdf-scan`` (rendered)."""
    dpi: float = 0.0
    """Resolution in pixels an inch; 0 where it is not known."""

    @property
    def lines(self) -> Iterator[Line]:
        """Every line in reading order."""
        return (line for block in self.blocks for line in block.lines)

    @property
    def text(self) -> str:
        """Plain text in reading order: a line a line, an empty line between blocks."""
        return "\n\n".join(block.text for block in self.blocks)


def upright(page: Page) -> Page:
    """The page turned so that its text stands upright: size and places follow, orientation is 0."""
    return _turned(page, (360 - page.orientation) % 360, orientation=0)


def laid(page: Page, orientation: int) -> Page:
    """An upright page as it is displayed when its content is turned clockwise by ``orientation`` degrees."""
    return _turned(page, orientation, orientation=orientation)


def _turned(page: Page, degrees: int, *, orientation: int) -> Page:
    """The page with all its places, turned clockwise."""
    if not degrees:
        return page

    def point(at: Point) -> Point:
        x, y = at
        right, below = round(page.width - x, PLACES), round(page.height - y, PLACES)
        return {90: (below, x), 180: (right, below), 270: (y, right)}[degrees]

    def place(quad: Quad) -> Quad:
        first, second, third, fourth = map(point, quad)
        return first, second, third, fourth

    def line_of(line: Line) -> Line:
        words = tuple(msgspec.structs.replace(word, bbox=place(word.bbox)) for word in line.words)
        return msgspec.structs.replace(line, bbox=place(line.bbox), words=words)

    blocks = tuple(Block(tuple(map(line_of, block.lines)), place(block.bbox)) for block in page.blocks)
    width, height = (page.width, page.height) if degrees == 180 else (page.height, page.width)  # noqa: PLR2004
    return msgspec.structs.replace(page, width=width, height=height, blocks=blocks, orientation=orientation)


def box(quad: Quad) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the smallest upright rectangle around a quadrilateral."""
    xs, ys = [point[0] for point in quad], [point[1] for point in quad]
    return min(xs), min(ys), max(xs), max(ys)
