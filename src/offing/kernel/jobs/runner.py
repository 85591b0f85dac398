"""Runs what is due: jobs, a few at once, and the webhooks of those that have finished."""

from __future__ import annotations

import asyncio
import logging
import math
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from prometheus_client import Counter, Gauge

from offing.kernel.jobs.attempt import REFUSED, Answered, attempt, kept_body
from offing.kernel.jobs.job import MOST_ATTEMPTS, Job
from offing.kernel.jobs.problems import JobFailed, JobsFull
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.jobs.spool import Spool
from offing.kernel.jobs.store import Store
from offing.kernel.jobs.webhook import SECONDS, Webhooks
from offing.kernel.logs import log
from offing.kernel.middleware.answer_problems import BrokenAnswerError
from offing.kernel.operation import Operation
from offing.kernel.toolbox import Toolbox

WEBHOOKS_AT_ONCE = 4
SWEEP_SECONDS = 5.0
"""How often is looked for what has expired, and for what dead servers left."""
LONGEST_BUSY = 30.0
DISK_SECONDS = 5.0
"""Pause after the disk has failed."""
DISK = (sqlite3.Error, OSError)


@dataclass(frozen=True)
class Pauses:
    """Seconds between one try and the next."""

    attempts: Sequence[float] = (1.0, 4.0, 16.0, 64.0)
    webhooks: Sequence[float] = (2.0, 15.0, 60.0, 300.0)
    busy: float = 1.0
    """At least, where the service itself says when to come back."""


@dataclass(frozen=True)
class Work:
    """What does the work of a kind of job."""

    operation: Operation
    keeps_answer: bool


class Runner:
    """Runs jobs out of a store, until it is stopped.

    :param work: by the path of the kind.
    """

    def __init__(
        self, store: Store, work: Mapping[str, Work], webhooks: Webhooks, toolbox: Toolbox,
        settings: JobsSettings, pauses: Pauses,
    ) -> None:  # fmt: skip
        self._store, self._work, self._webhooks = store, work, webhooks
        self._toolbox, self._settings, self._pauses = toolbox, settings, pauses
        self._paths = tuple(work)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._calling: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._swept = -math.inf
        registry = toolbox.metrics.registry
        self._ended = Counter(
            "offing_jobs_ended", "Jobs that have finished.", ("service", "state"), registry=registry
        )
        Gauge("offing_jobs_running", "Jobs that run here.", registry=registry).set_function(
            lambda: len(self._running)
        )

    def start(self) -> None:
        """Begin."""
        self._loop = asyncio.create_task(self._run())

    def wake(self) -> None:
        """There is something new to run."""
        self._awake.set()

    def cancel(self, id_: str) -> None:
        """End the work on a job that was forgotten."""
        if (task := self._running.get(id_)) is not None:
            task.cancel()

    async def settle(self) -> None:
        """Return once nothing runs; while the server drains nothing new begins."""
        while under_way := {*self._running.values(), *self._calling}:
            await asyncio.wait(under_way)

    async def stop(self) -> None:
        """End all of it; what ran waits again, and its attempt does not count."""
        loop, self._loop = self._loop, None
        tasks = {*self._running.values(), *self._calling} | ({loop} if loop else set())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            try:
                seconds = await self._turn()
            except DISK as error:
                log("jobs cannot be read", level=logging.ERROR, exception=error)
                seconds = DISK_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._awake.wait()

    async def _turn(self) -> float:
        """Begin what can begin; how many seconds it is until there may be more, unless something wakes."""
        now = time.monotonic()
        if now - self._swept >= SWEEP_SECONDS:
            self._swept = now
            for id_ in await self._store.sweep(self._running):
                self.cancel(id_)
        if self._toolbox.health.draining:
            return SWEEP_SECONDS
        return min(SWEEP_SECONDS, await self._begin_jobs(), await self._begin_calls())

    async def _begin_jobs(self) -> float:
        while len(self._running) < self._settings.at_once:
            job = await self._store.claim(self._paths)
            if job is None:
                return _until(await self._store.next_due(self._paths))
            task = asyncio.create_task(self._do(job))
            self._running[job.id] = task
            task.add_done_callback(partial(self._done, job.id))
        return SWEEP_SECONDS

    async def _begin_calls(self) -> float:
        leases = [SECONDS + pause for pause in self._pauses.webhooks]
        while len(self._calling) < WEBHOOKS_AT_ONCE:
            job = await self._store.claim_webhook(leases)
            if job is None:
                return _until(await self._store.next_webhook())
            task = asyncio.create_task(self._call(job))
            self._calling.add(task)
            task.add_done_callback(self._called)
        return SWEEP_SECONDS

    def _done(self, id_: str, task: asyncio.Task[None]) -> None:
        del self._running[id_]
        self._note(task)

    def _called(self, task: asyncio.Task[None]) -> None:
        self._calling.discard(task)
        self._note(task)

    def _note(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log("a job ended unexpectedly", level=logging.ERROR, exception=error)
        self._awake.set()

    async def _do(self, job: Job) -> None:
        """One attempt at a job, however it ends."""
        try:
            if job.attempts >= MOST_ATTEMPTS:  # its last one ended with the server that made it
                await self._give_up(job)
                return
            job.attempts += 1
            await self._attempt(job)
        except asyncio.CancelledError:
            await self._store.put_back(job, 0.0, uncounted=True)
            raise
        except DISK as error:
            # It is still this server's, and the next sweep finds that nothing runs it.
            log("a job met a failing disk", level=logging.ERROR, exception=error, service=job.service)
            await asyncio.sleep(DISK_SECONDS)

    async def _attempt(self, job: Job) -> None:
        work = self._work[job.path]
        answer = await self._store.spool() if work.keeps_answer else None
        try:
            answered = await self._answered(work.operation, job, answer)
            if answered.is_busy:
                pause = max(self._pauses.busy, min(LONGEST_BUSY, answered.retry_after or 0))
                await self._store.put_back(job, pause, uncounted=True)
            elif answered.is_final:
                await self._finish(job, answered, answer)
            elif job.attempts >= MOST_ATTEMPTS:
                await self._give_up(job)
            else:
                await self._store.put_back(job, self._pauses.attempts[job.attempts - 1])
        finally:
            if answer is not None:
                answer.close()

    async def _answered(self, operation: Operation, job: Job, answer: Spool | None) -> Answered:
        """What the operation answered; where it did not, an answer that is not whole."""
        descriptor = await self._store.open_file(job.body)
        try:
            async with kept_body(descriptor) as receive, asyncio.timeout(self._settings.seconds):
                return await attempt(operation, job, receive, toolbox=self._toolbox, answer=answer)
        except (TimeoutError, BrokenAnswerError, JobsFull) as error:
            log("attempt at a job failed", level=logging.WARNING, service=job.service,
                request_id=job.request_id, reason=type(error).__name__)  # fmt: skip
            return Answered()

    async def _finish(self, job: Job, answered: Answered, answer: Spool | None) -> None:
        succeeded = answered.status < REFUSED
        if succeeded and answer is not None:
            await answer.complete()
            job.answer, job.answer_bytes = answer.name, answer.size
        elif succeeded:
            job.told = answered.members()
        else:
            job.told = answered.problem(job.request_id)
        job.status, job.content_type = answered.status, answered.content_type
        await self._end(job, answer, succeeded=succeeded)

    async def _give_up(self, job: Job) -> None:
        failure = JobFailed(job.attempts)
        job.status, job.told = failure.status, failure.body(job.request_id)
        await self._end(job, None, succeeded=False)

    async def _end(self, job: Job, answer: Spool | None, *, succeeded: bool) -> None:
        job.state = "succeeded" if succeeded else "failed"
        job.finished = time.time()
        job.expires = job.finished + self._settings.keep_seconds
        job.webhook_due = job.finished if job.webhook else None
        if not await self._store.finish(job, answer):
            return
        self._ended.labels(job.service, job.state).inc()
        log("job ended", service=job.service, route=job.path, state=job.state, status=job.status,
            attempts=job.attempts, milliseconds=round((job.finished - job.created) * 1000),
            request_id=job.request_id)  # fmt: skip

    async def _call(self, job: Job) -> None:
        """Call a webhook once; when it is called again was noted when it was claimed."""
        told = await self._webhooks.call(job)
        last = job.webhook_due is None
        with suppress(*DISK):
            if told:
                await self._store.set_webhook_due(job, None)
            elif not last:
                pause = self._pauses.webhooks[job.webhook_attempts - 1]
                await self._store.set_webhook_due(job, time.time() + pause)
        if not told and last:
            log("webhook not taken", level=logging.WARNING, service=job.service, request_id=job.request_id)


def _until(due: float | None) -> float:
    """Seconds from now to a time; never none at all, so that nothing spins."""
    return SWEEP_SECONDS if due is None else max(0.02, due - time.time())
