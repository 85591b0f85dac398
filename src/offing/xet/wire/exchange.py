"""Sending one request and waiting for the head of its answer."""

from __future__ import annotations

import asyncio

from offing.xet.wire.connection import Connection
from offing.xet.wire.errors import BadAnswer, ConnectionLost
from offing.xet.wire.head import SWITCHING, Head, read_head

LARGEST_HEAD = 32 * 1024
"""Bytes of an answer's head, with the interim ones before it."""
READ_AT_ONCE = 16 * 1024
"""What is received while a head is looked for. The body bytes among it are copied once more."""
FINAL = 200


class HeadReader:
    """Gathers bytes until the head of the final answer is whole, past interim ones (1xx).

    The connection is paused then, so that no body comes before there is somebody to take it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._scratch = connection.scratch[:READ_AT_ONCE]
        self._gathered = bytearray()
        self._seen = 0
        self._head: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self.started = False
        """Whether any byte of an answer came."""

    async def head(self) -> Head:
        """Wait for it. Raises :class:`~offing.xet.wire.errors.WireError`."""
        return await self._head

    def rest(self) -> memoryview:
        """Give the bytes that came with the head: how the body begins."""
        return memoryview(self._gathered)

    def room(self) -> memoryview:
        """The memory that all connections share."""
        return self._scratch

    def filled(self, count: int) -> None:
        """Keep what came, and look for the end of the head."""
        self.started = True
        self._gathered += self._scratch[:count]
        if not self._head.done():
            self._look(max(0, len(self._gathered) - count - 3))

    def lost(self, error: Exception | None) -> None:
        """Tell who waits."""
        if not self._head.done():
            self._head.set_exception(error or ConnectionLost("the connection ended before an answer came"))

    def _look(self, start: int) -> None:
        while (end := self._gathered.find(b"\r\n\r\n", start)) >= 0:
            self._count(end + 4)
            head = read_head(bytes(self._gathered[:end]))
            del self._gathered[: end + 4]
            self._seen += end + 4
            start = 0
            if head.status == SWITCHING:
                raise BadAnswer("the answer switches to a protocol that was not asked for")
            if head.status >= FINAL:
                self._connection.pause()
                self._head.set_result(head)
                return
        self._count(len(self._gathered))

    def _count(self, more: int) -> None:
        if self._seen + more > LARGEST_HEAD:
            raise BadAnswer("the head of the answer is too large")


async def exchange(connection: Connection, request: bytes, seconds: float) -> tuple[Head, HeadReader]:
    """Send a request and wait for the head of its answer, at most ``seconds``.

    The connection is paused when this returns, and ended when it fails. Raises
    :class:`~offing.xet.wire.errors.WireError`; ``ConnectionLost`` with ``unanswered`` set
    where no byte of an answer came.
    """
    reader = HeadReader(connection)
    try:
        connection.send(request, reader, seconds)
        return await reader.head(), reader
    except ConnectionLost as error:
        error.unanswered = not reader.started
        raise
    except BaseException:  # cancelled, most likely: the socket must not stay open
        connection.abort()
        raise
