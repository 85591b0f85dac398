"""Reads documents page by page: decoded, read and handed over in order.

Pages of all requests stand in one row: each waits for a place, holds it while it is decoded and read, and
its document's next page goes to the end of the row. So a document of hundreds of pages holds up an image
by about a page, and memory holds few pages whoever sent them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import msgspec

from offing.kernel.metrics import Metrics
from offing.kernel.problems import Problem
from offing.ocr.documents.guarded import GuardedDocuments, OpenDocument
from offing.ocr.engine.page import Page
from offing.ocr.in_order import in_order
from offing.ocr.parameters import Asked
from offing.ocr.places import Place, Places
from offing.ocr.problems import NoSuchPage, OnePageOnly
from offing.ocr.shared_reader import SharedReader
from offing.ocr.writers import FORMATS, PageImage

JPEG = "image/jpeg"


@dataclass
class Spent:
    """Milliseconds that the pages of a document took so far, added up."""

    decode: float = 0.0
    engine: float = 0.0


@dataclass(frozen=True)
class ReadPage:
    """A page as it was read, and its picture where the format shows it."""

    page: Page
    image: PageImage | None = None


@dataclass(frozen=True)
class FailedPage:
    """A page that was not read, and why."""

    number: int
    problem: Problem


class Documents:
    """Opens documents for reading."""

    def __init__(self, documents: GuardedDocuments, reader: SharedReader, metrics: Metrics) -> None:
        self._documents, self._reader = documents, reader
        # While the engine reads its pages, as many are decoded and handed over.
        self._places = Places(2 * reader.slots, metrics)

    @asynccontextmanager
    async def open(self, data: bytes | bytearray, asked: Asked) -> AsyncIterator[Reading]:
        """A document whose pages can be read for as long as the block lasts.

        Raises what opening a document does, NoSuchPage and OnePageOnly.
        """
        async with AsyncExitStack() as stack:
            # An image is decoded when it is opened: the place for that is its page's.
            place = await self._places.take()
            stack.callback(place.release)
            started = time.perf_counter()
            document = await stack.enter_async_context(self._documents.open(data))
            reading = Reading(document, data, asked, self._reader, self._places)
            reading.begin(place, (time.perf_counter() - started) * 1000)
            yield reading


class Reading:
    """A document that is being read."""

    def __init__(
        self,
        document: OpenDocument,
        data: bytes | bytearray,
        asked: Asked,
        reader: SharedReader,
        places: Places,
    ) -> None:
        self.spent = Spent()
        self.total = document.pages
        """How many pages the document has."""
        self.numbers = _numbers(asked, document.pages)
        """Those that are read."""
        self._document, self._data, self._asked = document, data, asked
        self._reader, self._places = reader, places
        self._first: Place | None = None
        self._shows_image = asked.format in FORMATS and FORMATS[asked.format].shows_image
        self.on_page: Callable[[ReadPage | FailedPage], None] = _unwatched
        """Called with each page as soon as it is read or has failed, in whatever order that is."""

    def begin(self, place: Place, milliseconds: float) -> None:
        """Note the place that is held already, and the time that opening took."""
        self._first, self.spent.decode = place, milliseconds

    def pages(self) -> AsyncGenerator[ReadPage | FailedPage, None]:
        """The pages in order, the next being read while one is handed over.

        Not where the format shows their images: who takes the answer slowly must not keep pixels in memory.
        """
        ahead = 0 if self._shows_image else 1
        return in_order((partial(self._page, number) for number in self.numbers), ahead=ahead)

    async def _page(self, number: int) -> ReadPage | FailedPage:
        first, self._first = self._first, None
        place = first or await self._places.take()
        page: ReadPage | FailedPage
        try:
            page = await self._read(number)
        except Problem as problem:
            page = FailedPage(number, problem)
        finally:
            place.release()
        self.on_page(page)
        return page

    async def _read(self, number: int) -> ReadPage:
        started = time.perf_counter()
        source = await self._document.page(number, pixels=self._shows_image)
        self.spent.decode += (time.perf_counter() - started) * 1000
        page, pixels = source.text, source.pixels
        if page is None:
            assert pixels is not None  # noqa: S101  a page without text comes with its pixels
            page, milliseconds = await self._reader.read(pixels, self._asked.options)
            self.spent.engine += milliseconds
        page = msgspec.structs.replace(page, number=number, source=source.source, dpi=source.dpi)
        if not self._shows_image or pixels is None:
            return ReadPage(page)
        jpeg = bytes(self._data) if self._document.media_type == JPEG else None
        return ReadPage(page, PageImage(pixels, jpeg))


def _unwatched(page: ReadPage | FailedPage) -> None:
    """Nobody watches."""


def _numbers(asked: Asked, count: int) -> list[int]:
    numbers = asked.pages.of(count)
    if numbers[-1] > count:
        raise NoSuchPage(page=next(each for each in numbers if each > count), pages=count)
    if len(numbers) > 1 and asked.format in FORMATS and not FORMATS[asked.format].many_pages:
        raise OnePageOnly(pages=count)
    return numbers
