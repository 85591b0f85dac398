"""What was read, in the formats that other programs read: pure functions of pages, nothing of HTTP."""

from __future__ import annotations

from offing.ocr.writers.formats import FORMATS, Format, find, written
from offing.ocr.writers.writer import PageImage, Writer

__all__ = ["FORMATS", "Format", "PageImage", "Writer", "find", "written"]
