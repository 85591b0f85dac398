"""Runs an app: sockets, signals, drain, exit.

start ── listen ── start engines ── ready ── SIGTERM: drain ── in flight done ── exit 0
                                                └── second signal, or drain limit: exit at once
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import math
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from offing.kernel.app import App
from offing.kernel.connection.bounds import Bounds
from offing.kernel.connection.connection import bounded, room_for
from offing.kernel.connection.untaken import Untaken
from offing.kernel.heaps import keep_little
from offing.kernel.listener import BACKLOG, address_of, listen
from offing.kernel.logs import log, set_up
from offing.kernel.middleware.answer_problems import BrokenAnswerError
from offing.kernel.server_settings import ServerSettings

LINGER_SECONDS = 0.25
"""How long a drained server still answers 503, so that who has just connected gets an answer."""


def run(app: App, announce: Callable[[str], None]) -> int:
    """Serve until a signal; return the exit code: 0 after a drain, 128 + signal where it was cut.

    ``announce`` is called with the base URL once the engines are up. Raises ``PortTaken``.
    """
    settings = app.toolbox.settings
    set_up(settings.log_level)
    keep_little()
    with listen(settings.host, settings.port) as listener:
        return uvloop.run(_Run(app, listener).serve(announce))


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this module owns the signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def abort(self) -> None:
        """Break every connection and cancel every request."""
        self.force_exit = True
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Run:
    """One run of the server."""

    def __init__(self, app: App, listener: socket.socket) -> None:
        self._app, self._listener = app, listener
        self._stopped_by: int | None = None
        self._stop, self._cut = asyncio.Event(), asyncio.Event()
        self._deadline = math.inf
        self._untaken = Untaken()
        self._server = _Server(_config(app, app.toolbox.settings, self._untaken))
        connections = self._server.server_state.connections
        app.toolbox.metrics.connections.set_function(lambda: len(connections))

    async def serve(self, announce: Callable[[str], None]) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        starting = asyncio.create_task(self._start(announce))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({serving, stopping}, return_when="FIRST_COMPLETED")
        await self._drain()
        stopping.cancel()
        starting.cancel()
        await self._close(serving)
        await self._app.stop()
        log("stopped", cut=self._cut.is_set())
        return 128 + (self._stopped_by or 0) if self._cut.is_set() else 0

    async def _start(self, announce: Callable[[str], None]) -> None:
        await self._server.listening.wait()
        base = address_of(self._listener)
        log("listening", address=base)
        await self._app.start()
        gc.freeze()  # what lives as long as the process need not be looked at again
        announce(base)

    def _on_signal(self, number: int) -> None:
        if self._stopped_by is None:
            log("draining", signal=signal.Signals(number).name)
            self._app.toolbox.health.drain()
        else:
            log("cut by a second signal", level=logging.WARNING)
            self._cut.set()
        self._stopped_by = number
        self._untaken.watches = True
        self._stop.set()

    async def _drain(self) -> None:
        """Wait for what was under way when it began; requests that come later get 503."""
        self._deadline = asyncio.get_running_loop().time() + self._app.toolbox.settings.drain_seconds
        linger = asyncio.create_task(asyncio.sleep(LINGER_SECONDS))
        settling = asyncio.create_task(self._app.settle())
        await self._unless_cut({linger, settling, *self._server.server_state.tasks})
        settling.cancel()

    async def _close(self, serving: asyncio.Task[None]) -> None:
        """Close the listener, and every connection once its answer is taken; when cut, at once."""
        self._server.should_exit = True
        await self._unless_cut({serving})
        if self._cut.is_set():
            await self._server.abort()
        await serving
        patience = self._app.toolbox.settings.keep_alive_seconds
        await self._unless_cut({asyncio.create_task(self._untaken.until_taken(patience))})

    async def _unless_cut(self, tasks: set[asyncio.Task[None]]) -> None:
        """Wait for all of the tasks, or until a second signal or the limit cuts the run."""
        if self._cut.is_set():
            return
        done = asyncio.ensure_future(asyncio.wait(tasks))
        cut = asyncio.create_task(self._cut.wait())
        left = max(0, self._deadline - asyncio.get_running_loop().time())
        ended, _ = await asyncio.wait({done, cut}, timeout=left, return_when="FIRST_COMPLETED")
        done.cancel()
        cut.cancel()
        if not ended:
            log("cut by the drain limit", level=logging.WARNING)
            self._cut.set()


def _config(app: App, settings: ServerSettings, untaken: Untaken) -> uvicorn.Config:
    bounds = Bounds(
        header_seconds=settings.header_seconds,
        stall_seconds=settings.keep_alive_seconds,
        connections=room_for(settings.max_connections),
        metrics=app.toolbox.metrics,
        untaken=untaken,
    )
    logging.getLogger("uvicorn.error").addFilter(_tells_news)
    return configured(app, bounds, settings.keep_alive_seconds)


def configured(app: ASGIApp, bounds: Bounds, keep_alive_seconds: int, **more: Any) -> uvicorn.Config:
    """The server under an app, with bounded connections and no word to the log; ``more`` is uvicorn's."""
    return uvicorn.Config(
        app,
        http=bounded(bounds),
        ws="none",
        lifespan="off",
        backlog=BACKLOG,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=keep_alive_seconds,
        **more,
    )


def _tells_news(record: logging.LogRecord) -> bool:
    """Whether uvicorn tells of a failure that is not logged, or meant, already."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, BrokenAnswerError | asyncio.CancelledError)
