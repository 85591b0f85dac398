"""Health: what state each service is in, told honestly.

A service is ready only after its engine's start, which ends with a real call, has succeeded.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Iterable, Mapping

from offing.kernel.metrics import Metrics
from offing.kernel.problems import NotReady


class State(enum.StrEnum):
    """The states of a service."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    DRAINING = "draining"


RETRY_SECONDS = {State.STARTING: 2, State.DRAINING: 2, State.FAILED: 30}
"""What Retry-After says: a start takes seconds, as does a drain; what failed needs a hand."""


class Health:
    """The states of the services of one process."""

    def __init__(self, services: Iterable[str], metrics: Metrics) -> None:
        self._states = dict.fromkeys(services, State.STARTING)
        self._settled = {name: asyncio.Event() for name in self._states}
        self._metrics = metrics
        self._draining = False
        for name in self._states:
            metrics.ready.labels(name).set(0)

    @property
    def draining(self) -> bool:
        """Whether the process is on its way out."""
        return self._draining

    def drain(self) -> None:
        """Take no more requests; those in flight go on."""
        self._draining = True
        for name in self._states:
            self._metrics.ready.labels(name).set(0)
            self._settled[name].set()

    def set(self, service: str, state: State) -> None:
        """Note that a service is ready or has failed."""
        self._states[service] = state
        self._metrics.ready.labels(service).set(int(self.state(service) is State.READY))
        self._settled[service].set()

    def state(self, service: str) -> State:
        """The state of one service."""
        return State.DRAINING if self._draining else self._states[service]

    def overall(self) -> State:
        """The state of the process: ready when every service is; else the first that is not."""
        states = [self.state(name) for name in self._states]
        return next((state for state in states if state is not State.READY), State.READY)

    async def require(self, service: str, seconds: float) -> None:
        """Return when the service is ready; raise :class:`NotReady` when it is not within ``seconds``.

        A request that arrives during the start waits for it: a container platform sends the first
        request as soon as the port answers.
        """
        if self.state(service) is State.STARTING:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._settled[service].wait()
        if (state := self.state(service)) is not State.READY:
            raise not_ready(state, {"X-Offing-State": str(state)})


def not_ready(state: State, headers: Mapping[str, str] | None = None) -> NotReady:
    """The problem that tells a client of a state in which nothing is served."""
    return NotReady(
        f"The service is {state}.",
        headers={"Retry-After": str(RETRY_SECONDS[state]), **(headers or {})},
        state=str(state),
    )
