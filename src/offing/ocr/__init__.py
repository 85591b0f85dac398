"""Optical character recognition: ``Reader`` reads the pixels of a page.

>>> from offing.ocr import Reader
>>> reader = Reader()                                                          # doctest: +SKIP
>>> reader.read(pixels).text                                                   # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offing.ocr.engine.options import ReadOptions
from offing.ocr.engine.page import Block, Line, Page, Word

if TYPE_CHECKING:
    from offing.ocr.engine.reader import Reader

__all__ = ["Block", "Line", "Page", "ReadOptions", "Reader", "Word"]


def __getattr__(name: str) -> Any:
    """The reader is loaded when it is first asked for: it brings a runtime along."""
    if name == "Reader":
        from offing.ocr.engine.reader import Reader

        return Reader
    raise AttributeError(name)
