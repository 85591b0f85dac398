"""An open document, in whatever process: its pages one by one, as pixels or as the text it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.media_types import PDF, media_type_of
from offing.ocr.documents.page_source import Allocate, PageSource, fresh
from offing.ocr.problems import CostlyDocument, NoSuchPage

DEFAULT_LIMITS = DocumentLimits()


class Pages(Protocol):
    """What a kind of file does for its document."""

    @property
    def count(self) -> int:
        """How many pages there are."""

    def page(self, number: int, allocate: Allocate, *, pixels: bool) -> PageSource:
        """A page that is there."""

    def close(self) -> None:
        """Let go of the file."""


class Document:
    """A file with pages. The caller keeps its data unchanged until it closes it.

    Raises BrokenDocument, EncryptedDocument, TooManyPixels, TooManyPages, CostlyDocument.
    """

    def __init__(self, media_type: str, data: bytes | bytearray | memoryview, limits: DocumentLimits) -> None:
        self.media_type = media_type
        try:
            self._pages = _open(media_type, data, limits)
        except MemoryError:
            raise CostlyDocument from None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self._pages.count

    @property
    def cost(self) -> int:
        """Pixels of the page that comes first, as its header tells; of a PDF, which tells nothing, 0."""
        width, height = getattr(self._pages, "size", (0, 0))
        return int(width * height)

    def page(self, number: int, *, pixels: bool = False, allocate: Allocate = fresh) -> PageSource:
        """A page by its number, from 1.

        A PDF's page that holds good text comes without pixels, unless ``pixels`` asks for them. Raises
        NoSuchPage, BrokenDocument, TooManyPixels, CostlyDocument.
        """
        if not 1 <= number <= self.pages:
            raise NoSuchPage(page=number, pages=self.pages)
        try:
            return self._pages.page(number, allocate, pixels=pixels)
        except MemoryError:
            raise CostlyDocument from None

    def close(self) -> None:
        """Let go of the file."""
        self._pages.close()


def _open(media_type: str, data: bytes | bytearray | memoryview, limits: DocumentLimits) -> Pages:
    if media_type == PDF:
        from offing.ocr.documents.pdf.pages import PdfPages

        return PdfPages(data, limits)
    from offing.ocr.documents.images import ImagePages

    return ImagePages(media_type, data, limits)


@contextmanager
def open_document(data: bytes | bytearray, limits: DocumentLimits = DEFAULT_LIMITS) -> Iterator[Document]:
    """Open a file in this process: for files of one's own, for nothing here ends a hostile one.

    Raises UnsupportedDocument and what :class:`Document` does.
    """
    document = Document(media_type_of(data), data, limits)
    try:
        yield document
    finally:
        document.close()
