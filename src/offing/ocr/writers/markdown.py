"""Markdown (CommonMark 0.31 with GFM's tables): headings, lists, paragraphs and simple tables by geometry.

A block whose lines are clearly taller than the page's usual line is a heading, one to three by how much. A
line that begins with a bullet or a number is a list's item. Lines of a paragraph are joined, words that
were hyphenated at a line's end too. Lines that stand in rows and columns become a table.

What it does not do: it sees no bold, italics, links, pictures, formulas, code or footnotes; lists do not
nest; a cell that spans columns ends a table, and one of several lines becomes several rows; the first row
is the head, for there must be one; paragraphs are not joined across columns or pages; a word that is always
written with a hyphen loses it where the line breaks behind it; running heads and page numbers stay. What
the page says is text: nothing of it can become markup, HTML or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

from offing.ocr.engine.page import Block, Line, Page, upright
from offing.ocr.writers.characters import clean
from offing.ocr.writers.markdown_text import at_start, inline, joined
from offing.ocr.writers.placed import baseline
from offing.ocr.writers.tables import Table, find_tables
from offing.ocr.writers.writer import PageImage, Writer

_LEVELS = ((1.9, "# "), (1.5, "## "), (1.25, "### "))
"""How much taller than the usual line a heading's lines are, and the mark of its level."""

_LONGEST_HEADING = 160  # characters: a longer text is set large, but is no heading

_BULLET = re.compile(  # the last ones are marks of a list only with a space behind them
    r"[•‣◦▪▫●○■□◆◇➢➤✓✔∙·\u2043]\s*(?=\S)|[-\u2013\u2014*+]\s+(?=\S)"
)
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]\s+(?=\S)")


class MarkdownWriter(Writer):
    """UTF-8; a thematic break between pages."""

    def __init__(self) -> None:
        self._between = ""

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One page's text."""
        del image
        parts = "\n\n".join(_parts(upright(page)))
        before, self._between = self._between, "\n---\n\n"
        return (before + (f"{parts}\n" if parts else "")).encode()


def _parts(page: Page) -> Iterator[str]:
    usual = _usual_height(page)
    tables = {id(line): table for table in find_tables(page) for line in table.lines}
    written: set[int] = set()
    for block in page.blocks:
        for table, lines in _split(block, tables):
            if table is None:
                yield from _block_parts(lines, usual)
            elif id(table) not in written:  # its lines may be spread over several blocks
                written.add(id(table))
                yield _table(table)


def _split(block: Block, tables: dict[int, Table]) -> Iterator[tuple[Table | None, list[Line]]]:
    """The block's lines that have text, cut where a table begins or ends."""
    lines: list[Line] = []
    current: Table | None = None
    for line in block.lines:
        if not clean(line.text):
            continue
        table = tables.get(id(line))
        if lines and table is not current:
            yield current, lines
            lines = []
        current = table
        lines.append(line)
    if lines:
        yield current, lines


def _usual_height(page: Page) -> float:
    """The median height of lines, each counted by its length: a page's text is mostly its body."""
    heights = [height for line in page.lines for height in [baseline(line).height] * min(len(line.text), 500)]
    return median(heights) if heights else 1.0


def _block_parts(lines: Sequence[Line], usual: float) -> Iterator[str]:
    texts = [clean(line.text) for line in lines]
    mark = _heading(lines, texts, usual)
    if mark:
        yield mark + inline(joined(texts))
        return
    paragraph: list[str] = []
    items: list[str] = []
    for kind, part in _items(texts):
        if kind != "text":
            items.append(f"{kind} {at_start(joined(part))}")
        else:
            paragraph = part
    if paragraph:
        yield at_start(joined(paragraph))
    if items:
        yield "\n".join(items)


def _heading(lines: Sequence[Line], texts: Sequence[str], usual: float) -> str:
    if sum(map(len, texts)) > _LONGEST_HEADING or not any(map(str.isalnum, "".join(texts))):
        return ""
    ratio = median(baseline(line).height for line in lines) / usual
    return next((mark for least, mark in _LEVELS if ratio >= least), "")


def _items(texts: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines before a list as ``text``, then each item's mark and lines.

    A year or a dash may begin a line of a sentence, so a list begins with a block or after a colon.
    """
    mark, part = "text", list[str]()
    for text in texts:
        bullet, number = _BULLET.match(text), _NUMBER.match(text)
        found = bullet or number
        if found and (mark != "text" or not part or part[-1].endswith(":")):
            if part:
                yield mark, part
            mark, part = f"{number[1]}." if number else "-", [text[found.end() :]]
        else:
            part.append(text)
    yield mark, part


def _table(table: Table) -> str:
    rows = ["| " + " | ".join(inline(cell) for cell in row) + " |" for row in table.rows]
    rows.insert(1, "|" + " --- |" * len(table.rows[0]))
    return "\n".join(rows)
