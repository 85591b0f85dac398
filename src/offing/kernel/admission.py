"""Admission: a fixed number of places to work, a bounded queue for them, and a clear no beyond."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from offing.kernel.metrics import Metrics
from offing.kernel.problems import Overloaded

LONGEST_RETRY_SECONDS = 30


class Admission:
    """Lets ``slots`` callers work at once and ``queue`` more wait, first come first served."""

    def __init__(self, engine: str, *, slots: int, queue: int, metrics: Metrics) -> None:
        self.slots, self.queue = slots, queue
        self._free = asyncio.Semaphore(slots)
        self._waiting = 0
        self._typical_seconds = 0.05
        self._busy_gauge = metrics.busy.labels(engine)
        self._waiting_gauge = metrics.waiting.labels(engine)
        self._rejected = metrics.rejected.labels(engine)
        metrics.slots.labels(engine).set(slots)

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return self._waiting

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place to work.

        Raises :class:`Overloaded` at once when the queue is full. A caller that is cancelled while it
        waits or works frees its place.
        """
        if self._free.locked() and self._waiting >= self.queue:
            self._rejected.inc()
            raise Overloaded(headers={"Retry-After": str(self._retry_after())})
        self._waiting += 1
        self._waiting_gauge.set(self._waiting)
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
            self._waiting_gauge.set(self._waiting)
        started = time.perf_counter()
        self._busy_gauge.inc()
        try:
            yield
        finally:
            self._free.release()
            self._busy_gauge.dec()
            self._typical_seconds += (time.perf_counter() - started - self._typical_seconds) * 0.1

    def _retry_after(self) -> int:
        """Seconds until the queue as it stands is likely to be worked off."""
        seconds = self._typical_seconds * (self._waiting + self.slots) / self.slots
        return min(max(1, math.ceil(seconds)), LONGEST_RETRY_SECONDS)
