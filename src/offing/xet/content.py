"""An answer with a file, or parts of one, whose length is announced before its bytes are all here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from offing.xet.hub_words import told_of


class Content(Response):
    """Bytes as they come; however the sending ends, what they come from is closed.

    Where they fail the connection is cut: the client has less than Content-Length says.
    """

    closing: AsyncExitStack
    """Left when all is sent, or the client is gone."""

    def __init__(self, status: int, headers: Mapping[str, str], pieces: AsyncGenerator[bytes, None]) -> None:
        self.status_code, self.media_type, self.background = status, None, None
        self._pieces, self.closing = pieces, AsyncExitStack()
        self.init_headers(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; the head goes out with the first bytes, or not at all."""
        del receive
        async with self.closing, aclosing(self._pieces) as pieces:
            with told_of(scope):
                first = await anext(pieces, b"")
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await send({"type": "http.response.body", "body": first, "more_body": True})
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
