"""Tab-separated values in the columns of ``tesseract … tsv``, for the tools that read those."""

from __future__ import annotations

from collections.abc import Iterator

from offing.ocr.engine.page import Line, Page, Quad, upright
from offing.ocr.writers.placed import pixel_box, words_of
from offing.ocr.writers.writer import PageImage, Writer

COLUMNS = (
    "level",
    "page_num",
    "block_num",
    "par_num",
    "line_num",
    "word_num",
    "left",
    "top",
    "width",
    "height",
    "conf",
    "text",
)
"""``level`` is 1 page, 2 block, 3 paragraph, 4 line, 5 word; ``conf`` is 0 to 100, -1 where it is no word."""


class TsvWriter(Writer):
    """A row for each page, block, paragraph, line and word, in pixels of the upright page. UTF-8.

    Nothing is quoted, as in Tesseract's own: read it with ``csv.QUOTE_NONE``. Each block is one paragraph.
    """

    def begin(self) -> bytes:
        """The names of the columns."""
        return _row(COLUMNS)

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One page's rows."""
        del image
        page = upright(page)
        return b"".join(_page_rows(page))


def _page_rows(page: Page) -> Iterator[bytes]:
    yield _row((1, page.number, 0, 0, 0, 0, 0, 0, page.width, page.height, -1, ""))
    for index, block in enumerate(page.blocks, 1):
        place = _place(block.bbox, page)
        yield _row((2, page.number, index, 0, 0, 0, *place, -1, ""))
        yield _row((3, page.number, index, 1, 0, 0, *place, -1, ""))
        for line_index, line in enumerate(block.lines, 1):
            yield from _line_rows(line, page, (page.number, index, 1, line_index))


def _line_rows(line: Line, page: Page, numbers: tuple[int, ...]) -> Iterator[bytes]:
    yield _row((4, *numbers, 0, *_place(line.bbox, page), -1, ""))
    for index, word in enumerate(words_of(line), 1):
        confidence = f"{100 * word.confidence:.6f}"
        yield _row((5, *numbers, index, *_place(word.bbox, page), confidence, word.text))


def _place(quad: Quad, page: Page) -> tuple[int, int, int, int]:
    left, top, right, bottom = pixel_box(quad, page)
    return left, top, right - left, bottom - top


def _row(cells: tuple[int | str, ...]) -> bytes:
    return ("\t".join(map(str, cells)) + "\n").encode()
