"""Jobs that run ahead of the one whose result is waited for, with their results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def in_order(
    jobs: Iterable[Callable[[], Coroutine[Any, Any, Result]]], *, ahead: int
) -> AsyncGenerator[Result, None]:
    """The results of the jobs. Up to ``ahead`` jobs run beyond the one whose result is awaited.

    A job that raises ends the row. Whoever closes the iterator cancels what still runs, and waits for it.
    """
    running: deque[asyncio.Task[Result]] = deque()
    try:
        for job in jobs:
            running.append(asyncio.create_task(job()))
            if len(running) > ahead:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
