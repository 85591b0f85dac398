"""Bounds the time from a request's head to its answer's head; a slow upload counts."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import exchange_of
from offing.kernel.problems import SlowRequest, TookTooLong
from offing.kernel.toolbox import Toolbox


class LimitTime:
    """Cancels the work; an answer that has begun may stream on.

    Raises :class:`SlowRequest` where the client's body is what it waits for, else :class:`TookTooLong`.
    """

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._seconds = app, toolbox.settings.request_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds) as limit:

                async def send_in_time(message: Message) -> None:
                    if message["type"] == "http.response.start":
                        limit.reschedule(None)
                    await send(message)

                await self.app(scope, receive, send_in_time)
        except TimeoutError:
            if not limit.expired():
                raise
            raise (SlowRequest() if exchange_of(scope).awaits_body else TookTooLong()) from None
