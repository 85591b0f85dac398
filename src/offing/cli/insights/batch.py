"""Many inputs through the guarded engine: in parallel, bounded, answered in their order."""

from __future__ import annotations

import asyncio
import importlib.util
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import msgspec

from offing.cli import interrupts
from offing.cli.insights.inputs import is_url, read
from offing.insights.engine.options import Options
from offing.insights.guarded import GuardedEngine
from offing.insights.problems import DownloadFailed, EmptyImage
from offing.insights.settings import InsightsSettings
from offing.kernel.fetch import PREFIX, Fetcher, FetchSettings
from offing.kernel.metrics import Metrics
from offing.kernel.problems import Problem
from offing.kernel.processors import available
from offing.kernel.service import NotInstalled
from offing.kernel.settings import load

FETCHES = 8
"""URLs fetched at once."""
AHEAD = 256
"""Inputs that may be answered before the one whose turn it is."""
OK = 200


@dataclass(frozen=True)
class Answer:
    """What came of one input: the JSON object of its report, or a problem."""

    input: str
    report: bytes = b""
    problem: Problem | None = None


class Batch:
    """A guarded engine for the time of a batch.

    Held in memory are as many files as there are processors, one more, and :data:`FETCHES`
    downloads; of what is done only the reports are kept.
    """

    def __init__(self, settings: InsightsSettings, options: Options, count: int) -> None:
        _require_packages()
        processors = settings.workers or min(available(), max(2, count))
        at_once = processors + 1
        # The queue is as long as what is sent into it, so that no input meets a full one.
        self._settings = msgspec.structs.replace(
            settings, workers=processors, queue=max(settings.queue, at_once + FETCHES)
        )
        self._options = options
        self._files, self._fetches = asyncio.Semaphore(at_once), asyncio.Semaphore(FETCHES)
        self._engine = GuardedEngine(self._settings, Metrics())

    async def __aenter__(self) -> Self:
        self._started = asyncio.create_task(self._engine.start())
        try:
            with interrupts.held():
                await asyncio.sleep(0)  # the task runs up to its first wait, with its process begun
        except asyncio.CancelledError:  # by a Ctrl-C that came just before
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        # A process that is still starting would complain of being left alone: it takes half a second.
        await asyncio.wait([self._started])
        if not self._started.cancelled():
            self._started.exception()  # answers() has raised it where anybody waits for one
        await self._engine.stop()

    async def answers(
        self, inputs: Sequence[str], done: Callable[[], None] = lambda: None
    ) -> AsyncGenerator[Answer]:
        """An answer for each input in their order; ``done`` is called as each is done.

        Raises a Problem where the engine does not start; that of an input is in its answer.
        """
        waiting: deque[asyncio.Task[Answer]] = deque()
        try:
            for each in inputs:
                waiting.append(asyncio.create_task(self._answer(each, done)))
                if len(waiting) == AHEAD:
                    yield await waiting.popleft()
            while waiting:
                yield await waiting.popleft()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _answer(self, named: str, done: Callable[[], None]) -> Answer:
        try:
            async with self._fetches if is_url(named) else self._files:
                data = await (self._fetch(named) if is_url(named) else read(named, self._settings.max_bytes))
                await self._running()
                outcome = await self._engine.analyze(data, self._options)
            return Answer(named, outcome.report)
        except _EngineFailed as failed:
            raise failed.problem from None
        except Problem as problem:
            return Answer(named, problem=problem)
        finally:
            done()

    async def _running(self) -> None:
        try:
            await asyncio.shield(self._started)
        except Problem as problem:
            raise _EngineFailed(problem) from None

    async def _fetch(self, url: str) -> bytes:
        fetched = await self._fetcher.fetch(
            url, max_bytes=self._settings.max_bytes, seconds=self._settings.fetch_seconds
        )
        if fetched.status != OK:
            raise DownloadFailed(f"The URL answered with status {fetched.status}.")
        if not fetched.body:
            raise EmptyImage
        return fetched.body

    @cached_property
    def _fetcher(self) -> Fetcher:
        return Fetcher(load(FetchSettings, PREFIX))


class _EngineFailed(Exception):  # noqa: N818  carries the problem past what catches an input's
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def _require_packages() -> None:
    if any(importlib.util.find_spec(name) is None for name in ("numpy", "PIL")):
        raise NotInstalled(
            "What image insights needs is not installed.", remedy="Install it: pip install 'offing[insights]'"
        )
