"""All connections of a client: how many there may be, and which wait for another request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from offing.xet.wire.connection import Connection
from offing.xet.wire.errors import ConnectFailed, ConnectionLost, Stalled

CLOSING_SECONDS = 5.0
"""How long closing waits for the event loop to close sockets; it takes a few milliseconds."""


class Pool:
    """At most so many connections at once, idle ones included. One event loop uses it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places = asyncio.Semaphore(most)
        self._held = 0
        """Places that are taken, by busy connections and by those that are being made."""
        self._open: set[Connection] = set()
        self._busy: set[Connection] = set()
        self._idle: dict[Connection, None] = {}
        """In the order in which they became idle."""
        self._closed = False
        self._emptied = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    async def connection(
        self, peer: str, dial: Callable[[], Awaitable[Connection]], seconds: float, *, fresh: bool
    ) -> tuple[Connection, bool]:
        """Give a connection to an origin and whether it was kept; waits ``seconds`` for a place.

        ``fresh`` asks for one that no request was sent on. Each ends as idle or aborted, which
        frees its place. Raises :class:`Stalled` where no place becomes free, and what ``dial`` raises.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise Stalled(f"every connection was busy for {seconds:g} s", peer) from None
        self._held += 1
        try:
            self._refuse_closed()
            kept = None if fresh else self._take(peer)
            if kept is None:
                self._make_room()
            connection = kept or await dial()
            self._busy.add(connection)
        except BaseException:
            self._leave()
            raise
        if self._closed:
            connection.abort()
        self._refuse_closed()
        return connection, kept is not None

    async def close(self) -> None:
        """End every connection; whoever waits for an answer gets ``ConnectionLost``."""
        self._closed = True
        for each in list(self._open):
            each.fail(ConnectionLost("the client was closed"))
        if self._open:
            self._emptied.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await self._emptied.wait()

    def made(self, connection: Connection) -> None:
        """Count a connection that is up."""
        self._open.add(connection)

    def freed(self, connection: Connection, *, keeps: bool) -> None:
        """Free the place of a connection whose answer is over."""
        self._idle.pop(connection, None)
        if connection not in self._busy:
            return
        self._busy.remove(connection)
        self._leave()
        if keeps:
            self._idle[connection] = None

    def gone(self, connection: Connection) -> None:
        """Forget a connection whose socket is closed."""
        self._open.discard(connection)
        if not self._open:
            self._emptied.set()

    def _take(self, peer: str) -> Connection | None:
        """The one that was used last: the least likely to be closed by the server just now."""
        for each in reversed(self._idle):
            if each.peer == peer and each.usable:
                del self._idle[each]
                return each
        return None

    def _make_room(self) -> None:
        while self._idle and len(self._idle) + self._held > self._most:
            next(iter(self._idle)).abort()

    def _leave(self) -> None:
        self._held -= 1
        self._places.release()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ConnectFailed("the client is closed")
