"""Ends the work for a client that has left: nobody reads what would still be unpacked, or waited for."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send


class StopForTheGone:
    """Wraps an app. Only reads are watched; what is being written is brought to its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request while its client is there."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        work = asyncio.ensure_future(self._app(scope, receive, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            work.cancel()  # nothing happens to what is done
        await asyncio.wait({work})
        if not work.cancelled():
            work.result()


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
