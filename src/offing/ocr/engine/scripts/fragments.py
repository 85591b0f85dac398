"""What Tesseract writes for lines: a table of words (TSV), and the plain text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from offing.ocr.engine.script_names import script_of

COLUMNS = 12
WORD_LEVEL = "5"
END_OF_PAGE = "\f"
MICRO_SIGN, MU = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"
"""Look the same, and the Greek model often writes the one in words for the other."""


class Fragment(msgspec.Struct, frozen=True):
    """A word of a line, or a piece of one."""

    text: str
    confidence: float
    """0 to 1."""
    left: int
    top: int
    right: int
    bottom: int
    """Pixels of the line's image."""


class _Row(NamedTuple):
    page: int
    fragment: Fragment | None
    """Nothing where the row is a line of the plain text, or of the table but no word."""
    text: str


def fragments(written: str, pages: int) -> list[tuple[Fragment, ...]]:
    """The words of each page, in logical order, from its table and, if written, the text that follows it.

    The table may part Korean or Thai at every syllable; the text has spaces where the image has some. So
    pieces in the table that are one word in the text become one.
    """
    found: list[tuple[Fragment, ...]] = [()] * pages
    for page, rows in groupby(_rows(written), key=lambda row: row.page):
        kept = list(rows)
        if not 1 <= page <= pages:
            continue
        words = [word for row in kept for word in row.text.split()]
        found[page - 1] = _joined([row.fragment for row in kept if row.fragment], words)
    return found


def _rows(written: str) -> list[_Row]:
    page, rows = 0, []
    for line in written.replace(END_OF_PAGE, "").split("\n"):
        cells = line.split("\t")
        if len(cells) != COLUMNS:
            rows.append(_Row(page, None, line))
        elif cells[0].isdigit():
            page = int(cells[1])
            rows.append(_Row(page, _fragment(cells), ""))
    return rows


def _fragment(cells: Sequence[str]) -> Fragment | None:
    text = cells[11].strip()
    if cells[0] != WORD_LEVEL or not text:
        return None
    left, top, width, height = (int(cell) for cell in cells[6:10])
    confidence = min(1.0, max(0.0, float(cells[10]) / 100))
    if script_of(text) == "Grek":
        text = text.replace(MICRO_SIGN, MU)
    return Fragment(text, confidence, left, top, left + width, top + height)


def _joined(pieces: Sequence[Fragment], words: Sequence[str]) -> tuple[Fragment, ...]:
    """The pieces put together to the words; as they are where the two do not tell the same text."""
    if "".join(piece.text for piece in pieces) != "".join(words):
        return tuple(pieces)
    rest, whole = iter(pieces), []
    for word in words:
        parts = [next(rest)]
        while sum(len(part.text) for part in parts) < len(word):
            parts.append(next(rest))
        if "".join(part.text for part in parts) != word:
            return tuple(pieces)
        whole.append(_union(parts))
    return tuple(whole)


def _union(parts: Sequence[Fragment]) -> Fragment:
    text = "".join(part.text for part in parts)
    return Fragment(
        text,
        sum(part.confidence * len(part.text) for part in parts) / len(text),
        min(part.left for part in parts),
        min(part.top for part in parts),
        max(part.right for part in parts),
        max(part.bottom for part in parts),
    )
