"""The engine beside an event loop: a bounded number of pages are read at once, first come first served."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from offing.kernel.heaps import give_back
from offing.kernel.metrics import Metrics
from offing.kernel.processors import available
from offing.ocr.engine.options import ReadOptions
from offing.ocr.engine.page import Page
from offing.ocr.problems import LanguageMissing, PageNotRead
from offing.ocr.settings import OcrSettings
from offing.ocr.tesseract_version import tesseract_version

if TYPE_CHECKING:
    from offing.ocr.documents.page_source import PixelArray
    from offing.ocr.engine.languages import Language
    from offing.ocr.opening import OpenEngine

PAGES_BETWEEN_TRIMS = 16
"""After so many pages what they left free is given back."""


class SharedReader:
    """Reads pages in threads of its own, never on the loop.

    One page more than there are threads in the engine is in hand: while one is put in order, the others
    keep the engine's threads at work.
    """

    def __init__(self, settings: OcrSettings, metrics: Metrics) -> None:
        self._settings = settings
        self.slots = (settings.threads or available()) + 1
        self._threads = ThreadPoolExecutor(self.slots, thread_name_prefix="ocr-page")
        self._engine: OpenEngine | None = None
        self._tesseract: dict[str, str | None] = {}
        self._pages = itertools.count(1)
        self._busy = metrics.busy.labels("ocr.pages")
        metrics.slots.labels("ocr.pages").set(self.slots)

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the engine; nothing before it is open."""
        return {**self._engine.facts, **self._tesseract} if self._engine else {}

    async def start(self) -> None:
        """Open the engine, which ends with a real read."""
        self._engine, tesseract = await asyncio.gather(
            asyncio.to_thread(_open, self._settings), asyncio.to_thread(tesseract_version)
        )
        self._tesseract = {"tesseract": tesseract}

    async def stop(self) -> None:
        """Let go of the engine; whoever still waits for a page waits in vain."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._engine is not None:
            await asyncio.to_thread(self._engine.reader.close)

    def can_read(self, language: Language) -> bool:
        """Whether what it takes to read a language is on this machine."""
        return self._opened().scripts.can_read(language)

    def require(self, language: str) -> None:
        """Raise LanguageMissing where this machine has no data for a language that is known."""
        from offing.ocr.engine.scripts import LanguageNotInstalled

        try:
            self._opened().scripts.find(language)
        except LanguageNotInstalled as missing:
            raise LanguageMissing(missing.language.name, missing.package) from None

    async def read(self, pixels: PixelArray, options: ReadOptions) -> tuple[Page, float]:
        """The page, and the milliseconds that the engine took.

        A caller that is cancelled ends its reading between two lines. Raises PageNotRead.
        """
        left = threading.Event()
        try:
            return await asyncio.wrap_future(self._threads.submit(self._read, pixels, options, left))
        finally:
            left.set()

    def _read(self, pixels: PixelArray, options: ReadOptions, left: threading.Event) -> tuple[Page, float]:
        from offing.ocr.engine.scripts import TesseractFailed

        started = time.perf_counter()
        with self._busy.track_inprogress():
            try:
                page = self._opened().reader.read(pixels, options, has_left=left.is_set)
            except TesseractFailed:
                raise PageNotRead from None
            if next(self._pages) % PAGES_BETWEEN_TRIMS == 0:
                give_back()
        return page, (time.perf_counter() - started) * 1000

    def _opened(self) -> OpenEngine:
        if self._engine is None:
            raise RuntimeError("The engine is not open.")
        return self._engine


def _open(settings: OcrSettings) -> OpenEngine:
    """The engine, its libraries loaded in the thread that asks for it."""
    from offing.ocr.opening import open_engine

    return open_engine(settings)
