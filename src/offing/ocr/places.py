"""Places for pages: how many may be held in memory as pixels, whoever's they are."""

from __future__ import annotations

import asyncio

from offing.kernel.metrics import Metrics


class Places:
    """A fixed number of places; who comes first gets the next that is free."""

    def __init__(self, count: int, metrics: Metrics) -> None:
        self._free = asyncio.Semaphore(count)
        self._waiting = metrics.waiting.labels("ocr.pages")

    async def take(self) -> Place:
        """A place, until it is released."""
        with self._waiting.track_inprogress():
            await self._free.acquire()
        return Place(self._free)


class Place:
    """A place for one page."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free: asyncio.Semaphore | None = free

    def release(self) -> None:
        """Give it back; once is enough, and twice does no harm."""
        free, self._free = self._free, None
        if free is not None:
            free.release()
