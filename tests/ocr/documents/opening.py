"""Opens files in this process, as the tests of documents need it."""

from __future__ import annotations

from offing.ocr.documents.document import open_document
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.page_source import PageSource, PixelArray
from offing.ocr.engine.page import Page

LOREM = (
    "Approach from the south-east and keep the white tower",
    "open of the chapel until the second buoy is abeam. The",
    "bar has three metres at low water, less after a week of",
    "easterly winds; strangers take a pilot at the lightship.",
)


def first_page(data: bytes, *, pixels: bool = False, **limits: int) -> PageSource:
    """The first page of a file."""
    with open_document(data, DocumentLimits(**limits)) as document:
        return document.page(1, pixels=pixels)


def pixels_of(data: bytes, **limits: int) -> PixelArray:
    """The pixels of a file's first page."""
    pixels = first_page(data, pixels=True, **limits).pixels
    assert pixels is not None
    return pixels


def text_of(data: bytes) -> Page:
    """The text that a file's first page holds."""
    page = first_page(data)
    assert page.source == "pdf-text"
    assert page.text is not None
    return page.text
