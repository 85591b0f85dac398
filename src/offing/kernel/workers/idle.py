"""The workers that wait for a job, and the jobs that wait for a worker."""

from __future__ import annotations

import asyncio
from collections import deque

from offing.kernel.workers.worker import Worker


class Idle:
    """Gives a worker to whoever asked first, and the one that worked last: its memory is the warmest.

    ``asyncio.Queue`` gives one to whoever comes by before those who wait have woken up: jobs that follow each
    other at once would keep others waiting for seconds.
    """

    def __init__(self) -> None:
        self._workers: list[Worker] = []
        self._asking: deque[asyncio.Future[Worker]] = deque()

    def put(self, worker: Worker) -> None:
        """Have a worker wait, where no job does."""
        while self._asking:
            asking = self._asking.popleft()
            if not asking.done():
                asking.set_result(worker)
                return
        self._workers.append(worker)

    async def get(self) -> Worker:
        """A worker; waits for one."""
        if self._workers:
            return self._workers.pop()
        asking: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._asking.append(asking)
        try:
            return await asking
        except asyncio.CancelledError:
            if asking.done() and not asking.cancelled():
                self.put(asking.result())  # who asked has left meanwhile
            raise

    def take_all(self) -> list[Worker]:
        """All that wait."""
        workers = [*self._workers]
        self._workers.clear()
        return workers
