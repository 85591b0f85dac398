"""The pool: lanes of bounded jobs over killable workers.

A lane is a class of jobs with places and a queue of its own. A lane that has a place for each worker
is never starved by one that has fewer: so small jobs do not wait behind large ones.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence

import msgspec

from offing.kernel.admission import Admission
from offing.kernel.logs import log
from offing.kernel.metrics import Metrics
from offing.kernel.workers.idle import Idle
from offing.kernel.workers.problems import (
    ForkFailed,
    NurseryFailed,
    WorkerBereft,
    WorkerEnded,
    WorkerOutOfTime,
)
from offing.kernel.workers.worker import Nursery, Worker

REOPEN_PAUSE_SECONDS = 1.0


class Lane(msgspec.Struct, frozen=True):
    """Bounds of a class of jobs."""

    slots: int
    queue: int
    processor_seconds: float
    wall_seconds: float


class Pool:
    """Worker processes behind lanes of admission."""

    def __init__(
        self, engine: str, target: str, *, lanes: Mapping[str, Lane], memory: int, metrics: Metrics
    ) -> None:
        self._engine, self._target, self._memory, self._metrics = engine, target, memory, metrics
        self._lanes = dict(lanes)
        self._admission = {
            name: Admission(f"{engine}.{name}", slots=lane.slots, queue=lane.queue, metrics=metrics)
            for name, lane in lanes.items()
        }
        self._size = max(lane.slots for lane in lanes.values())
        self._idle = Idle()
        self._nursery: Nursery | None = None
        self._reopening = asyncio.Lock()
        self._repairs: set[asyncio.Task[int]] = set()
        self._stopped = False

    def launch(self) -> None:
        """Start the nursery, without waiting for it."""
        self._nursery = Nursery.launch(self._target)

    async def start(self) -> None:
        """Bring up every worker. Raises :class:`NurseryFailed`."""
        if self._nursery is None:
            self.launch()
        nursery = self._current()
        await nursery.opened()
        for _ in range(self._size):
            self._idle.put(await nursery.fork(self._memory))

    async def run(
        self, lane: str, header: bytes, body: bytes | bytearray = b"", *, files: Sequence[int] = ()
    ) -> bytes:
        """Do a job in a worker and return its answer. Descriptors of ``files`` stay the caller's.

        Raises Overloaded, :class:`WorkerOutOfTime` or :class:`WorkerEnded`. When the caller is
        cancelled, the worker is killed and the work with it.
        """
        async with self._admission[lane].place():
            try:
                return await self._attempt(self._lanes[lane], header, body, files)
            except WorkerBereft:
                # It died with its nursery, not of its job.
                return await self._attempt(self._lanes[lane], header, body, files)

    async def _attempt(
        self, bounds: Lane, header: bytes, body: bytes | bytearray, files: Sequence[int]
    ) -> bytes:
        worker = await self._living()
        nursery = self._nursery
        try:
            async with asyncio.timeout(bounds.wall_seconds):
                answer = await worker.ask(
                    header, body, processor_seconds=bounds.processor_seconds, files=files
                )
        except TimeoutError:
            self._replace(worker, "wall-time")
            raise WorkerOutOfTime from None
        except WorkerEnded:
            ended = await self._bury(worker)
            raise (ended if nursery is self._nursery else WorkerBereft()) from None
        except BaseException:  # a cancelled caller, whatever cancelled it: the job must not go on
            self._replace(worker, "cancelled")
            raise
        self._idle.put(worker)
        return answer

    async def stop(self) -> None:
        """End every process, and close every channel to one."""
        self._stopped = True
        for repair in self._repairs:
            repair.cancel()
        await asyncio.gather(*self._repairs, return_exceptions=True)
        if self._nursery is not None:
            await asyncio.to_thread(self._nursery.close)

    async def _living(self) -> Worker:
        """An idle worker that lives: one may have been killed since its last job."""
        while True:
            worker = await self._idle.get()
            if worker.lives():
                return worker
            self._replace(worker, None)

    def _replace(self, worker: Worker, reason: str | None) -> asyncio.Task[int]:
        task = asyncio.create_task(self._renew(worker, reason))
        self._repairs.add(task)
        task.add_done_callback(self._repairs.discard)
        return task

    async def _bury(self, worker: Worker) -> WorkerEnded:
        """Replace a worker that died in its job, and say what it died of."""
        ended_by = await asyncio.shield(self._replace(worker, None))
        return WorkerOutOfTime() if ended_by == signal.SIGPROF else WorkerEnded()

    async def _renew(self, worker: Worker, reason: str | None) -> int:
        """Put a fresh worker in the place of one that is dead or must die; return what ended it."""
        ended_by, fresh = 0, None
        while fresh is None and not self._stopped:
            nursery = self._current()
            try:
                ended_by = await nursery.retire(worker) or ended_by
                fresh = await nursery.fork(self._memory)
            except ForkFailed:
                await asyncio.sleep(REOPEN_PAUSE_SECONDS)
            except NurseryFailed:
                await self._reopen(nursery)
        if fresh is not None:
            self._idle.put(fresh)
            reason = reason or _reason(ended_by)
            self._metrics.workers_ended.labels(self._engine, reason).inc()
            log("worker replaced", engine=self._engine, reason=reason)
        return ended_by

    async def _reopen(self, failed: Nursery) -> None:
        """Start a new nursery where the old one is gone (killed for memory, say)."""
        async with self._reopening:
            if self._nursery is not failed:
                return
            await asyncio.to_thread(failed.close)
            log("nursery restarted", engine=self._engine)
            self.launch()
            try:
                await self._current().opened()
            except (NurseryFailed, TimeoutError):
                await asyncio.sleep(REOPEN_PAUSE_SECONDS)
            else:
                self._replace_idle()

    def _replace_idle(self) -> None:
        """Have every idle worker replaced: they are the last nursery's, and die with it."""
        for worker in self._idle.take_all():
            self._replace(worker, None)

    def _current(self) -> Nursery:
        if self._nursery is None:
            raise NurseryFailed
        return self._nursery


def _reason(ended_by: int) -> str:
    return "processor-time" if ended_by == signal.SIGPROF else "crashed" if ended_by else "exited"
