"""Enforces the largest body while it is read, whatever Content-Length says or leaves out."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import exchange_of
from offing.kernel.problems import TooLarge
from offing.kernel.toolbox import Toolbox

SMALL_BODY = 64 * 1024


class LimitBody:
    """Raises :class:`TooLarge` from ``receive``, so that a service can answer it in its own form."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._limits = app, toolbox.body_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        limit = self._limits.get(exchange.service, SMALL_BODY)
        declared = Headers(scope=scope).get("content-length", "")
        announced = int(declared) if declared.isdecimal() else 0

        async def receive_limited() -> Message:
            if announced > limit:
                raise TooLarge(max_size_bytes=limit, received_size_bytes=announced)
            exchange.awaits_body = not exchange.body_ended
            message = await receive()
            exchange.awaits_body = False
            if message["type"] == "http.request":
                exchange.bytes_in += len(message.get("body", b""))
                exchange.body_ended = not message.get("more_body", False)
                if exchange.bytes_in > limit:
                    raise TooLarge(max_size_bytes=limit, received_size_bytes=exchange.bytes_in)
            return message

        await self.app(scope, receive_limited, send)
