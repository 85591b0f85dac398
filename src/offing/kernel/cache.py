"""A bounded cache with a time to live that computes each value once (single flight)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Keeps the ``entries`` used last, each for ``seconds``; no entries keeps none.

    Callers that ask for the same key at once share one computation. It goes on as long as one of
    them waits and is cancelled with the last; a failure is told to all of them and is not kept.
    """

    def __init__(self, *, entries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries, self._seconds, self._clock = entries, seconds, clock
        self._kept: OrderedDict[Hashable, tuple[float, Value]] = OrderedDict()
        self._flights: dict[Hashable, _Flight[Value]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable) -> Value | None:
        """The value, or None where there is none or it is too old."""
        entry = self._kept.get(key)
        if entry is None:
            return None
        if self._clock() - entry[0] >= self._seconds:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return entry[1]

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep a value, and let go of the one that was used longest ago where there are too many."""
        if self._entries < 1:
            return
        self._kept[key] = (self._clock(), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._entries:
            self._kept.popitem(last=False)

    async def get(self, key: Hashable, compute: Callable[[], Awaitable[Value]]) -> tuple[Value, bool]:
        """The value, and whether it was there already; computed and kept where it was not."""
        found = self.find(key)
        if found is not None:
            return found, True
        flight = self._flights.get(key)
        joined = flight is not None
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.ensure_future(self._compute(key, compute)))
        try:
            return await flight.wait(), joined
        finally:
            if flight.over and self._flights.get(key) is flight:
                del self._flights[key]

    async def _compute(self, key: Hashable, compute: Callable[[], Awaitable[Value]]) -> Value:
        value = await compute()
        self.keep(key, value)
        return value


class _Flight(Generic[Value]):
    """A computation and how many wait for it."""

    def __init__(self, task: asyncio.Future[Any]) -> None:
        self._task, self._waiting = task, 0
        self._abandoned = False

    @property
    def over(self) -> bool:
        """Whether who comes now needs another: it is done, or about to be cancelled."""
        return self._abandoned or self._task.done()

    async def wait(self) -> Value:
        self._waiting += 1
        try:
            value: Value = await asyncio.shield(self._task)
            return value
        finally:
            self._waiting -= 1
            if not self._waiting and not self._task.done():
                self._abandoned = True
                self._task.cancel()
