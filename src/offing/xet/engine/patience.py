"""An end to waits that last too long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from offing.xet.problems import UpstreamTimedOut

T = TypeVar("T")


class Patience:
    """For waits that follow each other in their hundreds: one timer for all of them, not one for each.

    :param seconds: how long a wait may last.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[Any] | None = None
        self._since = 0.0
        self._over = False

    async def wait(self, awaited: Awaitable[T]) -> T:
        """What is waited for. Raises UpstreamTimedOut; whoever cancels the task meanwhile is heard."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task can wait")
        cancelled = task.cancelling()
        self._waiting, self._since = task, self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._over and task.cancelling() <= cancelled + 1:
                raise UpstreamTimedOut from None
            raise
        finally:
            self._waiting = None
            if self._over:
                self._over = False
                task.uncancel()

    def end(self) -> None:
        """Leave no timer behind."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None:  # the next wait will set it again
            return
        left = self._since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._over = True
            self._waiting.cancel()
