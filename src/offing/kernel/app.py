"""Assembles an app: services, their operations, and the layers around them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from offing.kernel.fetch import PREFIX as FETCH_PREFIX
from offing.kernel.fetch import Fetcher, FetchSettings
from offing.kernel.health import Health, State
from offing.kernel.logs import log
from offing.kernel.metrics import Metrics
from offing.kernel.middleware.answer_problems import AnswerProblems
from offing.kernel.middleware.cors import Cors
from offing.kernel.middleware.gate import Gate
from offing.kernel.middleware.identify import Identify
from offing.kernel.middleware.limit_body import LimitBody
from offing.kernel.middleware.limit_time import LimitTime
from offing.kernel.middleware.measure import Measure
from offing.kernel.middleware.watch_client import WatchClient
from offing.kernel.operation import Operation
from offing.kernel.routing import Routes
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import Engine, Service
from offing.kernel.settings import load
from offing.kernel.system_routes import service_health, system_operations
from offing.kernel.toolbox import Toolbox

# The order of the layers, outermost first. Each sees what those inside it answer or raise.
MIDDLEWARE: tuple[Callable[[ASGIApp, Toolbox], ASGIApp], ...] = (
    Identify,
    Measure,
    Cors,
    AnswerProblems,
    LimitTime,
    Gate,
    LimitBody,
    WatchClient,
)

Front = Callable[["App"], Sequence[Operation]]


class Companion(Protocol):
    """What a front runs beside the engines."""

    async def start(self) -> None:
        """Begin, before the engines do."""

    async def settle(self) -> None:
        """Return once nothing is under way; the server drains, and nothing new is to begin."""

    async def stop(self) -> None:
        """End what is still under way, before the engines are stopped."""


class App:
    """An ASGI app that runs services; :meth:`start` and :meth:`stop` bracket its life."""

    def __init__(self, services: Sequence[Service], settings: ServerSettings, front: Front) -> None:
        metrics = Metrics()
        configured = {service.name: load(service.settings, service.env_prefix) for service in services}
        self.toolbox = Toolbox(
            settings,
            metrics,
            Health([service.name for service in services], metrics),
            Fetcher(load(FetchSettings, FETCH_PREFIX)),
            {service.name: service for service in services},
            {service.name: service.max_body(configured[service.name]) for service in services},
        )
        self.engines: Mapping[str, Engine] = {
            service.name: service.build(configured[service.name], self.toolbox) for service in services
        }
        self.companions: list[Companion] = []
        """Added to by the front."""
        self.operations: list[Operation] = [
            operation for engine in self.engines.values() for operation in engine.operations
        ]
        for service in services:
            self.operations += service_health(self, service)
        self.operations += front(self)
        self.operations += system_operations(self)
        self._asgi = _wrap(Routes(self.operations), self.toolbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._asgi(scope, receive, send)

    async def start(self) -> None:
        """Start every engine; one that fails is told by its health and does not stop the others."""
        for companion in self.companions:
            await companion.start()
        await asyncio.gather(*(self._start(name, engine) for name, engine in self.engines.items()))

    async def settle(self) -> None:
        """Return once nothing is under way that no request waits for."""
        await asyncio.gather(*(companion.settle() for companion in self.companions))

    async def stop(self) -> None:
        """Stop every engine."""
        for companion in self.companions:
            await companion.stop()
        await asyncio.gather(*(engine.stop() for engine in self.engines.values()))

    def health_of(self, service: Service) -> dict[str, Any]:
        """A service's health body: its state, its public name, its version, and its own members."""
        import offing

        state = self.toolbox.health.state(service.name)
        return {
            "status": "healthy" if state is State.READY else str(state),
            "service": service.public_name,
            "version": offing.__version__,
            **self.engines[service.name].health(),
        }

    async def _start(self, name: str, engine: Engine) -> None:
        try:
            await engine.start()
        except Exception as error:  # noqa: BLE001  whatever it is, readiness must tell it
            log("service failed to start", level=logging.ERROR, exception=error, service=name)
            self.toolbox.health.set(name, State.FAILED)
        else:
            log("service ready", service=name)
            self.toolbox.health.set(name, State.READY)


def _wrap(app: ASGIApp, toolbox: Toolbox) -> ASGIApp:
    for layer in reversed(MIDDLEWARE):
        app = layer(app, toolbox)
    return app
