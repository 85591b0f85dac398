"""hOCR 1.2: XHTML whose classes and titles say what was read where (kba.github.io/hocr-spec/1.2)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from offing import __version__
from offing.ocr.engine.page import Block, Line, Page, Quad, upright
from offing.ocr.writers.characters import right_to_left
from offing.ocr.writers.placed import DESCENT, baseline, pixel_box, words_of
from offing.ocr.writers.writer import PageImage, Writer

_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head>
<title>Recognised text</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<meta name="ocr-system" content="offing {__version__}"/>
<meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_dir"/>
</head>
<body>
"""

_STEEP = math.radians(45)
"""A line steeper than this is turned text, and has an angle instead of a baseline."""


class HocrWriter(Writer):
    """Page, area, paragraph, line and word, in pixels of the upright page. Each block is one paragraph."""

    def __init__(self) -> None:
        self._pages = 0

    def begin(self) -> bytes:
        """The head of the document."""
        return _HEAD.encode()

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One ``ocr_page``."""
        del image
        self._pages += 1
        return "".join(_page(upright(page), self._pages)).encode()

    def end(self) -> bytes:
        """The end of the document."""
        return b"</body>\n</html>\n"


def _page(page: Page, count: int) -> Iterator[str]:
    resolution = f"; scan_res {page.dpi:.0f} {page.dpi:.0f}" if page.dpi >= 1 else ""
    title = f"bbox 0 0 {page.width} {page.height}; ppageno {count - 1}{resolution}"
    yield f'<div class="ocr_page" id="page_{count}" title="{title}">\n'
    for index, block in enumerate(page.blocks, 1):
        yield from _block(block, page, f"{count}_{index}")
    yield "</div>\n"


def _block(block: Block, page: Page, name: str) -> Iterator[str]:
    place = _bbox(block.bbox, page)
    yield f'<div class="ocr_carea" id="block_{name}" title="{place}">\n'
    yield f'<p class="ocr_par" id="par_{name}" title="{place}">\n'
    for index, line in enumerate(block.lines, 1):
        yield from _line(line, page, f"{name}_{index}")
    yield "</p>\n</div>\n"


def _line(line: Line, page: Page, name: str) -> Iterator[str]:
    way = ' dir="rtl"' if right_to_left(line.text) else ""
    yield f'<span class="ocr_line" id="line_{name}"{way} title="{_line_title(line, page)}">'
    for index, word in enumerate(words_of(line), 1):
        title = f"{_bbox(word.bbox, page)}; x_wconf {100 * word.confidence:.0f}"
        yield f'<span class="ocrx_word" id="word_{name}_{index}" title="{title}">{escape(word.text)}</span>'
        yield " " if word.spaced else ""
    yield "</span>\n"


def _line_title(line: Line, page: Page) -> str:
    """``baseline`` has its origin in the box's bottom left corner, ``textangle`` turns anticlockwise."""
    base = baseline(line)
    size = f"x_size {base.height:.1f}; x_descenders {DESCENT * base.height:.1f}"
    place = _bbox(line.bbox, page)
    if line.vertical:
        return f"{place}; {size}"
    if abs(base.angle) > _STEEP:
        return f"{place}; textangle {-math.degrees(base.angle) % 360:.1f}; {size}"
    left, _, _, bottom = pixel_box(line.bbox, page)
    slope = math.tan(base.angle)
    offset = base.start[1] + slope * (left - base.start[0]) - bottom
    return f"{place}; baseline {slope:.4f} {offset:.1f}; {size}"


def _bbox(quad: Quad, page: Page) -> str:
    return "bbox {} {} {} {}".format(*pixel_box(quad, page))
