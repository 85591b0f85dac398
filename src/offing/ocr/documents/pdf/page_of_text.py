"""The page of text: lines in reading order, on a page whose content may be turned."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from offing.ocr.documents.pdf.characters import QUARTER, Characters
from offing.ocr.documents.pdf.lines import lines_of
from offing.ocr.documents.pdf.sheet import Sheet
from offing.ocr.engine.layout import arrange
from offing.ocr.engine.page import Block, Line, Page, Point, Quad, upright


def page_of_text(characters: Characters, sheet: Sheet, number: int) -> Page:
    """The characters as blocks of lines; places in pixels of the sheet as displayed."""
    page = Page(
        width=sheet.width,
        height=sheet.height,
        blocks=tuple(Block((line,), line.bbox) for line in lines_of(characters)),
        number=number,
        orientation=_orientation(characters),
        source="pdf-text",
        dpi=sheet.dpi,
    )
    standing = upright(page)
    blocks, skew = arrange(list(standing.lines), standing.width, standing.height)
    laid = (_turned_block(block, page) for block in blocks) if page.orientation else blocks
    return msgspec.structs.replace(page, blocks=tuple(laid), skew=skew)


def _orientation(characters: Characters) -> int:
    """How far most characters are turned clockwise, to the quarter."""
    quarters = Counter((np.rint(characters.angles / QUARTER).astype(int) % 4).tolist())
    return quarters.most_common(1)[0][0] * 90 if quarters else 0


def _turned_block(block: Block, page: Page) -> Block:
    return Block(tuple(_turned_line(line, page) for line in block.lines), _turned(block.bbox, page))


def _turned_line(line: Line, page: Page) -> Line:
    words = tuple(msgspec.structs.replace(word, bbox=_turned(word.bbox, page)) for word in line.words)
    return msgspec.structs.replace(line, bbox=_turned(line.bbox, page), words=words)


def _turned(quad: Quad, page: Page) -> Quad:
    """From the upright page back to the one that is displayed: what ``upright`` undoes."""

    def place(point: Point) -> Point:
        x, y = point
        match page.orientation:
            case 90:
                return page.width - y, x
            case 180:
                return page.width - x, page.height - y
            case _:
                return y, page.height - x

    first, second, third, fourth = map(place, quad)
    return first, second, third, fourth
