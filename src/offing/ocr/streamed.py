"""An answer that is sent piece by piece, each asked for only when the one before has gone out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class Streamed(Response):
    """Pieces of bytes. However the sending ends, what they come from is closed.

    A piece that fails cuts the connection: a clean end would pass a part off as the whole.
    """

    def __init__(
        self, first: bytes, rest: AsyncIterator[bytes], media_type: str, close: AsyncExitStack
    ) -> None:
        self.status_code, self.media_type, self.background = 200, None, None
        self._first, self._rest, self._close = first, rest, close
        self.init_headers({"Content-Type": media_type})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del scope, receive
        async with self._close:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self._first, "more_body": True})
            async for piece in self._rest:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
