"""Which pages of a document are asked for: ``1-3,7``, ``5-``."""

from __future__ import annotations

import re

import msgspec

PARTS = re.compile(r"\s*\d{1,6}(\s*-\s*(\d{1,6})?)?\s*(,\s*\d{1,6}(\s*-\s*(\d{1,6})?)?\s*){0,99}")
END = 10**6
"""Beyond every page."""


class PageChoice(msgspec.Struct, frozen=True):
    """Runs of pages, each from its first to its last; both count."""

    runs: tuple[tuple[int, int], ...] = ((1, END),)

    def of(self, count: int) -> list[int]:
        """The numbers in order, each once, of a document of ``count`` pages.

        A run without an end goes to the last page. Numbers that are not there are kept, so that they can be
        refused: the first that is beyond the document.
        """
        chosen: set[int] = set()
        for first, last in self.runs:
            end = count if last == END else last
            chosen.update(range(first, min(end, count) + 1))
            if max(first, end) > count:
                chosen.add(max(first, count + 1))
        return sorted(chosen)


EVERY_PAGE = PageChoice()


def read_pages(text: str) -> PageChoice:
    """Numbers from 1 and runs of them, separated by commas. Raises ``ValueError``."""
    if not PARTS.fullmatch(text):
        raise ValueError(text)
    return PageChoice(tuple(_run(part) for part in text.split(",")))


def _run(text: str) -> tuple[int, int]:
    first, dash, last = (part.strip() for part in text.partition("-"))
    run = int(first), int(last) if last else END if dash else int(first)
    if not 1 <= run[0] <= run[1]:
        raise ValueError(text)
    return run
