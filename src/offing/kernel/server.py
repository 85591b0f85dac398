"""Runs an app: sockets, signals, drain, exit.

start ── listen ── start engines ── ready ── SIGTERM: drain ── in flight done ── exit 0
                                                └── second signal, or drain limit: exit at once
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
import uvloop

from offing.kernel.app import App
from offing.kernel.logs import log, set_up
from offing.kernel.problems import Problem

LINGER_SECONDS = 0.25
"""How long a drained server still answers 503, so that who has just connected gets an answer."""
TICK_SECONDS = 0.02
BACKLOG = 1024


class PortTaken(Problem):
    """The address cannot be listened on."""

    code = "port-taken"
    exit_code = 4


def run(app: App, announce: Callable[[str], None]) -> int:
    """Serve until a signal; return the exit code: 0 after a drain, 128 + signal where it was cut.

    ``announce`` is called with the base URL once requests are taken. Raises :class:`PortTaken`.
    """
    set_up(app.toolbox.settings.log_level)
    with listen(app.toolbox.settings.host, app.toolbox.settings.port) as listener:
        return uvloop.run(_Run(app, listener).serve(announce))


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises :class:`PortTaken` with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = "is taken by another program" if error.errno == errno.EADDRINUSE else "cannot be used here"
        raise PortTaken(
            f"{host}:{port} {reason}.",
            remedy="Choose another with --port or PORT, or end the other program.",
        ) from None
    return listener


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: this module owns the signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Run:
    """One run of the server."""

    def __init__(self, app: App, listener: socket.socket) -> None:
        self._app, self._listener = app, listener
        self._stopped_by: int | None = None
        self._cut = False
        self._stop = asyncio.Event()
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=app.toolbox.settings.keep_alive_seconds,
        )
        self._server = _Server(config)

    async def serve(self, announce: Callable[[str], None]) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)
        serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        starting = asyncio.create_task(self._start(announce))
        await asyncio.wait({serving, asyncio.create_task(self._stop.wait())}, return_when="FIRST_COMPLETED")
        await self._drain()
        starting.cancel()
        self._server.should_exit = True
        self._server.force_exit = self._cut
        await serving
        await self._app.stop()
        log("stopped", cut=self._cut)
        return 128 + (self._stopped_by or 0) if self._cut else 0

    async def _start(self, announce: Callable[[str], None]) -> None:
        while not self._server.started:
            await asyncio.sleep(TICK_SECONDS / 10)
        await self._app.start()
        gc.freeze()  # what lives as long as the process need not be looked at again
        host, port = self._listener.getsockname()[:2]
        announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    def _on_signal(self, number: int) -> None:
        if self._stopped_by is None:
            log("draining", signal=signal.Signals(number).name)
            self._app.toolbox.health.drain()
        else:
            log("cut by a second signal", level=logging.WARNING)
            self._cut = True
        self._stopped_by = number
        self._stop.set()

    async def _drain(self) -> None:
        """Wait for requests in flight, a second signal, or the limit."""
        clock = asyncio.get_running_loop().time
        started = clock()
        while not self._cut:
            if not self._in_flight() and clock() - started >= LINGER_SECONDS:
                return
            if clock() - started >= self._app.toolbox.settings.drain_seconds:
                log("cut by the drain limit", level=logging.WARNING)
                self._cut = True
            await asyncio.sleep(TICK_SECONDS)

    def _in_flight(self) -> int:
        return len(self._server.server_state.tasks)
