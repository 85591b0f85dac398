"""The pages of a PDF."""

from __future__ import annotations

import threading
from ctypes import c_void_p
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.page_source import Allocate, PageSource, SourceKind
from offing.ocr.documents.pdf.characters import read_characters
from offing.ocr.documents.pdf.content import Content, survey
from offing.ocr.documents.pdf.page_of_text import page_of_text
from offing.ocr.documents.pdf.render import render
from offing.ocr.documents.pdf.sheet import Box, Sheet, sheet_of
from offing.ocr.documents.pdf.trust import is_good
from offing.ocr.engine.page import Page
from offing.ocr.problems import BrokenDocument, EncryptedDocument, TooManyPages

PDFIUM = threading.RLock()
"""PDFium is not safe for threads, not even on different documents."""
LOCKED = frozenset({pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY})
SCANNED = 0.9
"""Share of a page that an image covers from which on the page is a scan."""
LETTER: Box = (0.0, 0.0, 612.0, 792.0)


class PdfPages:
    """The pages of a PDF. Raises BrokenDocument, EncryptedDocument, TooManyPages."""

    def __init__(self, data: bytes | bytearray | memoryview, limits: DocumentLimits) -> None:
        self._limits = limits
        self._data = np.frombuffer(data, np.uint8)  # PDFium reads it in place for as long as it is open
        with PDFIUM:
            self._document = _load(self._data)
            try:
                self._count = _begin(self._document, limits)
            except BaseException:  # whatever stopped it, PDFium must not keep the document open
                self.close()
                raise

    @property
    def count(self) -> int:
        """How many pages there are."""
        return self._count

    def page(self, number: int, allocate: Allocate, *, pixels: bool) -> PageSource:
        """A page as its text, or rendered. Raises BrokenDocument, TooManyPixels."""
        with PDFIUM:
            try:
                page = self._document.get_page(number - 1)
            except pypdfium2.PdfiumError:
                raise BrokenDocument from None
            try:
                return self._page(page, number, allocate, pixels=pixels)
            finally:
                page.close()

    def close(self) -> None:
        """Let go of the file."""
        with PDFIUM:
            self._document.close()

    def _page(self, page: Any, number: int, allocate: Allocate, *, pixels: bool) -> PageSource:
        box, rotation = _box_of(page), pdfium.FPDFPage_GetRotation(page) % 4
        content = survey(page, box)
        sheet = sheet_of(box, rotation, self._limits)
        text = _text_of(page, sheet, content, number)
        if text is None and content.image_share >= SCANNED:
            sheet = sheet_of(box, rotation, self._limits, content.image_dpi)
        room = None
        if text is None or pixels:
            room = allocate(sheet.width, sheet.height)
            forms = self._document.formenv
            render(page, forms and forms.raw, room)
        source: SourceKind = "pdf-scan" if text is None else "pdf-text"
        return PageSource(number, sheet.width, sheet.height, source, sheet.dpi, room, text)


def _load(data: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Any:
    raw = pdfium.FPDF_LoadMemDocument64(c_void_p(data.ctypes.data), len(data), None)
    if not raw:
        raise EncryptedDocument if pdfium.FPDF_GetLastError() in LOCKED else BrokenDocument
    return pypdfium2.PdfDocument(raw)


def _begin(document: Any, limits: DocumentLimits) -> int:
    """Make a document's forms ready, and count its pages."""
    try:
        document.init_forms()
    except pypdfium2.PdfiumError:
        raise BrokenDocument from None
    count = len(document)
    if not count:
        raise BrokenDocument
    if count > limits.max_pages:
        raise TooManyPages(max_pages=limits.max_pages, received_pages=count)
    return count


def _box_of(page: Any) -> Box:
    """The part of the page that is displayed, in points; Letter where the file tells of none."""
    rectangle = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, rectangle):
        return LETTER
    box = rectangle.left, rectangle.bottom, rectangle.right, rectangle.top
    return box if all(np.isfinite(box)) and box[0] < box[2] and box[1] < box[3] else LETTER


def _text_of(page: Any, sheet: Sheet, content: Content, number: int) -> Page | None:
    characters = read_characters(page, sheet, content.unseen)
    if characters is None or not is_good(characters, content, sheet):
        return None
    return page_of_text(characters, sheet, number)
