"""Runs a hub: its socket, TLS, signals."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import ASGIApp

from offing.kernel.connection.bounds import Bounds
from offing.kernel.connection.connection import room_for
from offing.kernel.listener import address_of, listen
from offing.kernel.metrics import Metrics
from offing.kernel.server import configured
from offing.xet.hub.trouble import CutError

HEADER_SECONDS = 20.0
STALL_SECONDS = 600.0
"""A reader may wait as long as this with a full socket: clients read ahead, and then wait for the disk."""
KEEP_ALIVE_SECONDS = 75
CONNECTIONS = 4096
GRACE_SECONDS = 10
DONE = 0


class HubServer(uvicorn.Server):
    """A server of one hub app on a socket that listens already."""

    def __init__(self, app: ASGIApp, certificate: Path | None = None, key: Path | None = None) -> None:
        bounds = Bounds(
            header_seconds=HEADER_SECONDS,
            stall_seconds=STALL_SECONDS,
            connections=room_for(CONNECTIONS),
            metrics=Metrics(),
        )
        logging.getLogger("uvicorn.error").addFilter(_tells_news)
        super().__init__(
            configured(
                app,
                bounds,
                KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to who runs the server."""
        yield

    def stop(self) -> None:
        """End, once the requests in flight are done or the grace is over."""
        self.should_exit = True


def run_hub(
    app: ASGIApp,
    host: str,
    port: int,
    announce: Callable[[str], None],
    *,
    certificate: Path | None = None,
    key: Path | None = None,
) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code. ``announce`` gets the base URL.

    Raises PortTaken.
    """
    with listen(host, port) as listener:
        server = HubServer(app, certificate, key)
        announce(base_of(listener, secure=certificate is not None))
        uvloop.run(_serve(server, listener))
    return DONE


def base_of(listener: socket.socket, *, secure: bool) -> str:
    """The base URL of a hub that listens."""
    base = address_of(listener)
    return base.replace("http:", "https:", 1) if secure else base


def _tells_news(record: logging.LogRecord) -> bool:
    """Whether a failure is not one that was asked for."""
    return record.exc_info is None or not isinstance(record.exc_info[1], CutError | asyncio.CancelledError)


async def _serve(server: HubServer, listener: socket.socket) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve(sockets=[listener])
