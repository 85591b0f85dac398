"""Cancels the work for a client that has hung up."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import exchange_of, has_body
from offing.kernel.toolbox import Toolbox

CLIENT_CLOSED_REQUEST = 499
"""What logs and metrics call an exchange whose client left; no client ever sees it."""


class WatchClient:
    """Once the body has been read, waits for the client's hang-up beside the work."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app = app
        del toolbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = _Watch(receive)
        if not has_body(scope):
            await watch.begin()

        async def send_watched(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                watch.answered = True
            await send(message)

        try:
            if not watch.gone:
                await self.app(scope, watch.receive, send_watched)
        except (asyncio.CancelledError, ClientDisconnect):
            if not watch.gone:
                raise
            watch.forgive()
            exchange_of(scope).status = CLIENT_CLOSED_REQUEST
        finally:
            watch.end()


class _Watch:
    """Owns ``receive`` after the body's end and cancels the request's task on a disconnect."""

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a request is always answered in a task
        self.gone = False
        self.answered = False
        self._request: asyncio.Task[Any] = task
        self._cancelled = False
        self._receive = receive
        self._first: Message | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Watch from the start where no body will come; the app may still ask for its end."""
        self._first = await self.receive()

    async def receive(self) -> Message:
        if self._first is not None:
            message, self._first = self._first, None
            return message
        if self._watcher is not None:
            await asyncio.shield(self._watcher)
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.gone = not self.answered
        elif not message.get("more_body", False):
            self._watcher = asyncio.create_task(self._wait())
        return message

    def forgive(self) -> None:
        """Take back the cancellation: it has done its work."""
        if self._cancelled:
            self._request.uncancel()

    def end(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if not self.answered:  # servers tell the end of an answer as a disconnect, too
            self.gone = self._cancelled = True
            self._request.cancel()
