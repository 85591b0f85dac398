"""One request to an app, whose answer is taken piece by piece: or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any, Self

from offing.kernel.app import App
from tests.ocr.serving import OCR


class Exchange:
    """A client that reads as slowly as a test wants, and may leave."""

    def __init__(self, app: App, body: bytes, query: str, content_type: str) -> None:
        self._app, self._body, self._query, self._type = app, body, query, content_type
        self._sent = False
        self._gone = asyncio.Event()
        self._taken: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue(1)
        self.ended = asyncio.Event()

    @property
    def scope(self) -> dict[str, Any]:
        """The request as ASGI tells it."""
        headers = {"content-type": self._type, "content-length": str(len(self._body))}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": OCR,
            "raw_path": OCR.encode(),
            "query_string": self._query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
        }

    async def run(self) -> Self:
        """Ask, until the app is done."""
        try:
            await self._app(self.scope, self._receive, self._taken.put)
        finally:
            self.ended.set()
        return self

    async def message(self) -> MutableMapping[str, Any]:
        """The next message of the answer."""
        return await self._taken.get()

    def leave(self) -> None:
        """Hang up."""
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        if self._sent:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._sent = True
        return {"type": "http.request", "body": self._body, "more_body": False}


@asynccontextmanager
async def asking(app: App, body: bytes, query: str, content_type: str) -> AsyncIterator[Exchange]:
    """A request that is under way; at the block's end its client has left."""
    exchange = Exchange(app, body, query, content_type)
    running = asyncio.create_task(exchange.run())
    try:
        yield exchange
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
