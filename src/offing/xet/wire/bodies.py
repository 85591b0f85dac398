"""The two readers of a body: into a sink's memory, or into pieces that somebody iterates over."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from offing.xet.wire.connection import Connection
from offing.xet.wire.decoding import Decoder
from offing.xet.wire.errors import ConnectionLost

MOST_WAITING = 1024 * 1024
"""Bytes that wait for the iterating side before the connection is paused; one read may come on top."""


class Sink(Protocol):
    """Where a body of known length goes, received straight into the sink's memory.

    Called from the event loop, so none of it may take long. After :meth:`Incoming.abort` no call
    comes any more; otherwise :meth:`ended` comes exactly once.
    """

    def room(self) -> memoryview:
        """Where the next bytes go: writable, of single bytes, not empty. Asked anew for every piece."""

    def filled(self, count: int) -> None:
        """So many bytes were written at the start of that room. What it raises ends the connection."""

    def ended(self, error: Exception | None) -> None:
        """The last byte has come (None), or the body failed: a WireError, or what the sink raised."""


class IntoSink:
    """Receives a body into a sink, never a byte more than the body has."""

    def __init__(self, connection: Connection, sink: Sink, length: int, *, keeps: bool) -> None:
        self._connection = connection
        self._sink = sink
        self._left = length
        self._keeps = keeps
        self.over = False
        """Whether the sink is called no more."""

    def begin(self, rest: memoryview) -> None:
        """Hand over the bytes that came with the head."""
        self._keeps = self._keeps and len(rest) <= self._left
        rest = rest[: self._left]
        while rest and not self.over:
            room = self.room()
            count = min(len(room), len(rest))
            if not count:
                raise ValueError("a sink gave no room")
            room[:count] = rest[:count]
            rest = rest[count:]
            self.filled(count)
        if not self._left:
            self._finish()

    def room(self) -> memoryview:
        """The sink's room, cut at the end of the body: what follows belongs to nobody here."""
        room = self._sink.room()
        return room if len(room) <= self._left else room[: self._left]

    def filled(self, count: int) -> None:
        """Pass it on."""
        self._left -= count
        self._sink.filled(count)
        if not self._left:
            self._finish()

    def lost(self, error: Exception | None) -> None:
        """Pass it on."""
        if not self.over:
            self.over = True
            self._sink.ended(error or ConnectionLost(f"the body ended {self._left} bytes too early"))

    def drop(self) -> None:
        """Call the sink no more."""
        self.over = True

    def _finish(self) -> None:
        if not self.over:
            self.over = True
            self._connection.finish(keeps=self._keeps)
            self._sink.ended(None)


class Pieces:
    """Receives a body into a bounded queue."""

    def __init__(self, connection: Connection, decoder: Decoder, *, keeps: bool) -> None:
        self._connection = connection
        self._decoder = decoder
        self._keeps = keeps
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self.over = False
        """Whether nothing more comes; pieces may still wait."""
        self._error: Exception | None = None
        self._change: asyncio.Future[None] | None = None

    def begin(self, rest: memoryview) -> None:
        """Take the bytes that came with the head."""
        self._take(rest)

    def room(self) -> memoryview:
        """The memory that all connections share."""
        return self._connection.scratch

    def filled(self, count: int) -> None:
        """Keep what of it is body."""
        self._take(self._connection.scratch[:count])

    def lost(self, error: Exception | None) -> None:
        """End the iteration after what has come, well only where the connection's end is the body's."""
        if self.over:
            return
        if error is None and not self._decoder.ends_with_connection:
            error = ConnectionLost("the body ended too early")
        self._end(error)

    def drop(self) -> None:
        """Forget what waits, and end the iteration."""
        self._queue.clear()
        self._end(ConnectionLost("the answer was given up", self._connection.peer))

    async def next(self) -> bytes | None:
        """Wait for a piece, not empty; None after the last. One task at a time."""
        while not self._queue:
            if self.over:
                if self._error is not None:
                    raise self._error
                return None
            await self._changed()
        piece = self._queue.popleft()
        self._waiting -= len(piece)
        if self._waiting <= MOST_WAITING // 2 and not self.over:
            self._connection.resume()
        return piece

    async def _changed(self) -> None:
        if self._change is not None:
            raise RuntimeError("one task at a time iterates over a body")
        self._change = asyncio.get_running_loop().create_future()
        try:
            await self._change
        except asyncio.CancelledError:
            # A body that came to its end meanwhile has given its connection to others.
            if not self.over:
                self._connection.abort()
                self.drop()
            raise
        finally:
            self._change = None

    def _take(self, data: memoryview) -> None:
        piece = self._decoder.feed(data)
        if piece:
            self._queue.append(piece)
            self._waiting += len(piece)
            self._wake()
        if self._decoder.over:
            self._end(None)
            self._connection.finish(keeps=self._keeps and self._decoder.clean)
        elif self._waiting >= MOST_WAITING:
            self._connection.pause()

    def _end(self, error: Exception | None) -> None:
        if not self.over:
            self.over, self._error = True, error
            self._wake()

    def _wake(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)
