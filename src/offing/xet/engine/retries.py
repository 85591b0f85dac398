"""When to try again what failed and may not fail the next time: soon at first, then later and later.

The wait is random between nothing and a limit that doubles ("full jitter"), so that many callers that failed
together do not come back together.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from offing.xet.problems import UpstreamTimedOut, XetProblem

T = TypeVar("T")


class Retryable(Exception):  # noqa: N818  not an error yet
    """A failure that may pass.

    :param problem: what is raised where it does not.
    :param after: seconds that the other side asks to wait (Retry-After); None where it says nothing.
    """

    def __init__(self, problem: XetProblem, after: float | None = None) -> None:
        super().__init__(problem.code)
        self.problem, self.after = problem, after


@dataclass(frozen=True)
class Retries:
    """How often to try and how long to wait; one for many calls at once."""

    attempts: int = 5
    """Tries in all, the first included."""
    first: float = 0.25
    """Limit of the first wait, in seconds."""
    longest: float = 10.0
    """Limit of any wait that is not asked for, in seconds."""
    patience: float = 300.0
    """Longest wait that is done because it is asked for, in seconds; beyond it the caller is told at once."""
    random: random.Random = field(default_factory=random.Random)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, attempt: Callable[[], Awaitable[T]], *, deadline: float | None = None) -> T:
        """Call ``attempt`` until it does not raise :class:`Retryable`, and give what it gives.

        :param deadline: when all is over, in the clock's seconds: a try that runs then is cancelled.

        Raises the problem of the last Retryable, :class:`~offing.xet.problems.UpstreamTimedOut` at the
        deadline, and at once whatever else ``attempt`` raises.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return await self._in_time(attempt, deadline)
            except Retryable as failed:
                await self.pause(failed, tried, deadline=deadline)

    async def pause(self, failed: Retryable, tried: int, *, deadline: float | None = None) -> None:
        """Wait for the next try after ``tried`` of them failed; raises as :meth:`wait` does."""
        await self.sleep(self.wait(failed, tried, deadline=deadline))

    def wait(self, failed: Retryable, tried: int, *, deadline: float | None = None) -> float:
        """The seconds until the next try after ``tried`` of them failed.

        Raises the failure's problem where there is none: too many tries, or too long a wait.
        """
        wait = self.random.uniform(0, min(self.longest, self.first * 2.0 ** min(tried - 1, 64)))
        if failed.after is not None:
            # Never sooner than asked for; the random part still keeps callers apart.
            wait += failed.after
        too_long = (failed.after or 0) > self.patience
        if tried >= self.attempts or too_long or (deadline is not None and self.clock() + wait >= deadline):
            raise failed.problem from failed
        return wait

    async def _in_time(self, attempt: Callable[[], Awaitable[T]], deadline: float | None) -> T:
        if deadline is None:
            return await attempt()
        limit = asyncio.timeout(max(0.0, deadline - self.clock()))
        try:
            async with limit:
                return await attempt()
        except TimeoutError:
            if not limit.expired():
                raise
            raise UpstreamTimedOut from None
