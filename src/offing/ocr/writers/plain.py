"""Plain text in reading order, pages parted by a form feed."""

from __future__ import annotations

from offing.ocr.engine.page import Page
from offing.ocr.writers.characters import clean
from offing.ocr.writers.writer import PageImage, Writer


class PlainWriter(Writer):
    """A line a line, an empty line between blocks, a form feed between pages. UTF-8."""

    def __init__(self) -> None:
        self._between = b""

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One page's text, ended by a line feed where there is any."""
        del image
        blocks = (
            "\n".join(filter(None, (clean(line.text) for line in block.lines))) for block in page.blocks
        )
        text = "\n\n".join(filter(None, blocks))
        before, self._between = self._between, b"\f"
        return before + (f"{text}\n".encode() if text else b"")
