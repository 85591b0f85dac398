"""Blocking work in threads: what has come is written while more is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

AHEAD_BYTES = 8 << 20
"""That wait for the disk, at most, besides what it is writing."""

Item = TypeVar("Item")
Value = TypeVar("Value")


class WriteBehind(Generic[Item]):
    """Gives items to a function in another thread, in order, several at once where it falls behind.

    Leaving it waits for the disk: after an error, only for what it is writing.
    """

    def __init__(self, write: Callable[[list[Item]], None], told: Callable[[], None]) -> None:
        self._write, self._told = write, told
        self._waiting: list[Item] = []
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()

    async def put(self, item: Item, size: int) -> None:
        """Append an item of some bytes. Raises what writing an earlier one failed with."""
        self._waiting.append(item)
        self._bytes += size
        task = self._task
        if task is None or task.done():
            if task is not None:
                task.result()
            self._task = task = asyncio.create_task(self._work())
        while self._bytes > AHEAD_BYTES and not task.done():
            self._room.clear()
            await self._room.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._waiting.clear()
        if self._task is not None:
            outcome = await asyncio.gather(self._task, return_exceptions=True)
            if error is None and isinstance(outcome[0], BaseException):
                raise outcome[0]

    async def _work(self) -> None:
        try:
            while self._waiting:
                items, self._waiting = self._waiting, []
                self._bytes = 0
                self._room.set()
                await in_thread(self._write, items)
                self._told()
        finally:
            self._room.set()


async def in_thread(work: Callable[..., Value], *arguments: object) -> Value:
    """Work in a thread, which cannot be stopped: who is cancelled waits for it, so that none overlaps."""
    working = asyncio.get_running_loop().run_in_executor(None, partial(work, *arguments))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.gather(working, return_exceptions=True)
        raise
