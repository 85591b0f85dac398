"""ALTO 4.4: the library world's XML of text and layout (loc.gov/standards/alto)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import quoteattr

from offing import __version__
from offing.ocr.engine.page import Block, Line, Page, Point, Quad, upright
from offing.ocr.writers.characters import right_to_left
from offing.ocr.writers.placed import PlacedWord, baseline, pixel_box, words_of
from offing.ocr.writers.writer import PageImage, Writer

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="{NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd" SCHEMAVERSION="4.4">
<Description>
<MeasurementUnit>pixel</MeasurementUnit>
<Processing ID="processing_1">
<processingSoftware><softwareName>offing</softwareName>\
<softwareVersion>{__version__}</softwareVersion></processingSoftware>
</Processing>
</Description>
<Layout>
"""


class AltoWriter(Writer):
    """Page, print space, text block, line, string and space, in pixels of the upright page.

    A line's and a block's own quadrilaterals are its ``Shape``, a line's baseline its ``BASELINE``. Lines
    without text are left out, as the schema demands. A document has at least one page.
    """

    def __init__(self) -> None:
        self._pages = 0

    def begin(self) -> bytes:
        """The description."""
        return _HEAD.encode()

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One ``Page``."""
        del image
        self._pages += 1
        return "".join(_page(upright(page), self._pages)).encode()

    def end(self) -> bytes:
        """The end of the layout."""
        return b"</Layout>\n</alto>\n"


def _page(page: Page, count: int) -> Iterator[str]:
    size = f'WIDTH="{page.width}" HEIGHT="{page.height}"'
    yield f'<Page ID="page_{count}" PHYSICAL_IMG_NR="{page.number}" {size}>\n'
    yield f'<PrintSpace ID="space_{count}" HPOS="0" VPOS="0" {size}>\n'
    for index, block in enumerate(page.blocks, 1):
        yield from _block(block, page, f"{count}_{index}")
    yield "</PrintSpace>\n</Page>\n"


def _block(block: Block, page: Page, name: str) -> Iterator[str]:
    yield f'<TextBlock ID="block_{name}" {_place(block.bbox, page)}>{_shape(block.bbox)}\n'
    for index, line in enumerate(block.lines, 1):
        words = words_of(line)
        if words:
            yield from _line(line, words, page, f"{name}_{index}")
    yield "</TextBlock>\n"


def _line(line: Line, words: list[PlacedWord], page: Page, name: str) -> Iterator[str]:
    base = baseline(line)
    ends = _points(base.at(end) for end in base.span(line.bbox))
    way = "ttb" if line.vertical else "rtl" if right_to_left(line.text) else "ltr"
    yield (
        f'<TextLine ID="line_{name}" {_place(line.bbox, page)} BASELINE="{ends}" BASEDIRECTION="{way}">'
        f"{_shape(line.bbox)}"
    )
    following = [*(after for _, after in pairwise(words)), None]
    for index, (word, after) in enumerate(zip(words, following, strict=True), 1):
        yield (
            f'<String ID="string_{name}_{index}" {_place(word.bbox, page)} WC="{word.confidence:.4f}" '
            f"CONTENT={quoteattr(word.text)}/>"
        )
        yield _space(word.bbox, after.bbox, page) if word.spaced and after else ""
    yield "</TextLine>\n"


def _space(before: Quad, after: Quad, page: Page) -> str:
    """The gap between two words, whichever of them stands on the left."""
    first, second = sorted((pixel_box(before, page), pixel_box(after, page)))
    return f'<SP HPOS="{first[2]}" VPOS="{first[1]}" WIDTH="{max(second[0] - first[2], 0)}"/>'


def _place(quad: Quad, page: Page) -> str:
    left, top, right, bottom = pixel_box(quad, page)
    return f'HPOS="{left}" VPOS="{top}" WIDTH="{right - left}" HEIGHT="{bottom - top}"'


def _shape(quad: Quad) -> str:
    return f'<Shape><Polygon POINTS="{_points(quad)}"/></Shape>'


def _points(points: Iterator[Point] | Quad) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
