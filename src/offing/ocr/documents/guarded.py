"""Documents behind workers that can be killed, for files that come from strangers."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from offing.kernel.admission import Admission
from offing.kernel.metrics import Metrics
from offing.ocr.documents.decoding import Decoding
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.media_types import SINGLE, media_type_of
from offing.ocr.documents.message import Job, Outcome
from offing.ocr.documents.page_source import PageSource, PixelArray
from offing.ocr.documents.shared_memory import shared_copy
from offing.ocr.problems import NoSuchPage

LIGHT_BYTES = 1024 * 1024
COPIED_AT_ONCE = 4 * 1024 * 1024
"""Larger uploads are copied beside the event loop, which they would hold up."""


class GuardedDocuments:
    """Opens documents in worker processes; no document blocks another or ends the service."""

    def __init__(self, limits: DocumentLimits, metrics: Metrics) -> None:
        self.limits = limits
        self._admission = Admission("ocr.documents", slots=limits.queue, queue=0, metrics=metrics)
        self._decoding = Decoding(limits, metrics)
        self._numbers = itertools.count()

    async def start(self) -> None:
        """Bring up the workers. Raises :class:`~offing.kernel.workers.problems.NurseryFailed`."""
        await self._decoding.start()

    async def stop(self) -> None:
        """End the workers."""
        await self._decoding.stop()

    @asynccontextmanager
    async def open(self, data: bytes | bytearray) -> AsyncIterator[OpenDocument]:
        """Open a file for as long as the block lasts.

        An image is decoded here already, so that what is wrong with it is told before an answer begins.
        Raises UnsupportedDocument, BrokenDocument, EncryptedDocument, TooManyPixels, TooManyPages,
        CostlyDocument, and Overloaded where too many documents are open.
        """
        media_type = media_type_of(data)
        async with self._admission.place():
            upload = await _shared(data)
            try:
                job = Job(document=next(self._numbers), media_type=media_type, limits=self.limits)
                document = OpenDocument(self._decoding, job, upload)
                await document.begin(len(data))
                yield document
            finally:
                os.close(upload)


class OpenDocument:
    """A document that is open; pages may be asked for in any order, several at once."""

    def __init__(self, decoding: Decoding, job: Job, upload: int) -> None:
        self.media_type = job.media_type
        self.pages = 0
        """How many there are."""
        self._decoding, self._job, self._upload = decoding, job, upload
        self._first: PageSource | None = None

    async def begin(self, size: int) -> None:
        """Learn how many pages there are; of an image decode the one."""
        if self.media_type not in SINGLE:
            outcome, _ = await self._decoding.do_again(self._job, self._upload)
            self.pages = outcome.pages
            return
        self._first = await self._image(light=size <= LIGHT_BYTES)
        self.pages = 1

    async def page(self, number: int, *, pixels: bool = False) -> PageSource:
        """A page by its number, from 1.

        A PDF's page that holds good text comes without pixels, unless ``pixels`` asks for them. Raises
        NoSuchPage, BrokenDocument, TooManyPixels, CostlyDocument.
        """
        if not 1 <= number <= self.pages:
            raise NoSuchPage(page=number, pages=self.pages)
        first, self._first = self._first, None
        if first is not None:
            return first
        if self.media_type in SINGLE:
            return await self._image(light=False)
        job = _job(self._job, page=number, pixels=pixels)
        return _page(job, *await self._decoding.do_again(job, self._upload))

    async def _image(self, *, light: bool) -> PageSource:
        """The image; one that is too large for the lane of small ones goes on in the other."""
        job = _job(self._job, page=1, light=light)
        outcome, pixels = await self._decoding.do_again(job, self._upload)
        if outcome.too_heavy:
            return await self._image(light=False)
        return _page(job, outcome, pixels)


def _job(document: Job, *, page: int, pixels: bool = False, light: bool = False) -> Job:
    return Job(
        document=document.document,
        media_type=document.media_type,
        page=page,
        pixels=pixels,
        light=light,
        limits=document.limits,
    )


def _page(job: Job, outcome: Outcome, pixels: PixelArray | None) -> PageSource:
    return PageSource(
        job.page, outcome.width, outcome.height, outcome.source, outcome.dpi, pixels, outcome.text
    )


async def _shared(data: bytes | bytearray) -> int:
    """A descriptor of a copy in shared memory."""
    if len(data) <= COPIED_AT_ONCE:
        return shared_copy(data)
    copying = asyncio.create_task(asyncio.to_thread(shared_copy, data))
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        copying.add_done_callback(_close)
        raise


def _close(copying: asyncio.Task[int]) -> None:
    if not copying.cancelled() and copying.exception() is None:
        os.close(copying.result())
