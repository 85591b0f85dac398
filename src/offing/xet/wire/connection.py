"""One connection: bytes go from the socket into whatever memory its present reader offers.

A connection has one reader at a time (head, body, idle), which says where the next bytes go and
learns how many came. ``asyncio.BufferedProtocol`` receives straight into that memory, also under TLS.
"""

from __future__ import annotations

import asyncio
from typing import cast

from offing.xet.wire.errors import BadAnswer, ConnectFailed, ConnectionLost, Stalled, WireError
from offing.xet.wire.roles import BodyReader, Carrier, Owner, Reader

IDLE_SECONDS = 20.0
"""How long a connection is kept for the next request: less than what servers keep theirs."""


class Unasked:
    """The reader of a connection that waits for a request: any byte now was not asked for."""

    def __init__(self, scratch: memoryview) -> None:
        self._scratch = scratch

    def room(self) -> memoryview:
        """Somewhere."""
        return self._scratch

    def filled(self, count: int) -> None:
        """End the connection."""
        raise BadAnswer(f"{count} bytes came that were not asked for")

    def lost(self, error: Exception | None) -> None:
        """Nobody waits."""


class Over(Unasked):
    """The reader of a connection that was given up: the last bytes go nowhere."""

    def filled(self, count: int) -> None:
        """Drop them."""


class Connection(asyncio.BufferedProtocol):
    """A connection to one origin.

    ``scratch`` is memory for what is looked at before it is kept. All connections share one:
    between offering it and having looked at it the event loop does nothing else.
    """

    def __init__(self, peer: str, scratch: memoryview, owner: Owner) -> None:
        self.peer = peer
        """The origin, as ``scheme://host:port``."""
        self.scratch = scratch
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._reader: Reader = Unasked(scratch)
        self._transport: Carrier | None = None
        self._gone = self._paused = False
        self._heard = self._limit = 0.0
        self._renewed = True
        self._timer: asyncio.TimerHandle | None = None

    # What asyncio calls. The first two run for every piece of every body.

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  asyncio's interface
        """Offer the reader's room."""
        try:
            room = self._reader.room()
            if room:
                return room
            failure: Exception = ValueError("a sink gave no room")
        except Exception as error:  # noqa: BLE001  whatever a sink raises, its own `ended` learns of it
            failure = error
        reader, self._reader = self._reader, Over(self.scratch)
        # Not now: the event loop is about to receive into what is given back here.
        self._loop.call_soon(self._fail, reader, failure)
        return self.scratch

    def buffer_updated(self, nbytes: int) -> None:
        """Tell the reader."""
        self._heard = self._loop.time()
        try:
            self._reader.filled(nbytes)
        except Exception as error:  # noqa: BLE001  whatever a sink raises, its own `ended` learns of it
            self.fail(error)

    def connection_made(self, transport: asyncio.BaseTransport | Carrier) -> None:
        """Have a transport; whoever dials says when it is ready."""
        self._transport = cast("Carrier", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        lost = None if exc is None else ConnectionLost("the connection was reset")
        if lost is not None:
            lost.__cause__ = exc
        self._gone = True
        self._owner.gone(self)
        self.fail(lost)
        self._transport = None

    # What readers and owners call.

    @property
    def usable(self) -> bool:
        """Whether it waits for a request, as far as this side knows."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def transport(self) -> Carrier:
        """The transport, of a connection that is up."""
        if self._transport is None:
            raise ConnectionLost("the connection is not up", self.peer)
        return self._transport

    def ready(self) -> None:
        """Be counted. Dialing calls it, once: a dial that is cancelled may be told of no loss."""
        if self._gone:
            raise ConnectFailed("the connection ended at once", self.peer)
        self._owner.made(self)

    def send(self, data: bytes, reader: Reader, seconds: float) -> None:
        """Send a request; its answer goes to ``reader``, which has ``seconds`` until the body begins.

        However slowly, a head must come to its end: bytes do not renew that time.
        """
        self._reader = reader
        self._watch(seconds, renewed=False)
        self.transport.write(data)

    def give_body(self, reader: BodyReader, rest: memoryview, seconds: float) -> None:
        """Go on with the body, whose first bytes came with the head, and receive again.

        ``seconds`` is for how long nothing may come while not paused.
        """
        self._reader = reader
        self._watch(seconds, renewed=True)
        try:
            reader.begin(rest)
        except Exception as error:  # noqa: BLE001  whatever a sink raises, its own `ended` learns of it
            self.fail(error)
        if not reader.over and not self.usable:
            self.fail(ConnectionLost("the connection was lost"))
        self.resume()

    def pause(self) -> None:
        """Stop receiving; what the peer sends waits in the network."""
        if not self._paused and self.usable:
            self._paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Receive again."""
        if self._paused and self.usable:
            self._paused = False
            self._heard = self._loop.time()
            self.transport.resume_reading()

    def finish(self, *, keeps: bool) -> None:
        """The answer is over: keep the connection for the next request, or end it."""
        if not keeps or not self.usable or self.transport.get_write_buffer_size():
            self.abort()
            return
        self._reader = Unasked(self.scratch)
        self.resume()
        self._watch(IDLE_SECONDS, renewed=False)
        self._owner.freed(self, keeps=True)

    def fail(self, error: Exception | None) -> None:
        """End the connection and tell the reader why."""
        reader, self._reader = self._reader, Over(self.scratch)
        self._fail(reader, error)

    def leave(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def abort(self) -> None:
        """End the connection at once, telling nobody; may be called twice."""
        self._reader = Over(self.scratch)
        self.leave()
        if self._transport is not None:
            self._transport.abort()
        self._owner.freed(self, keeps=False)

    def _fail(self, reader: Reader, error: Exception | None) -> None:
        self.abort()
        if isinstance(error, WireError):
            error.peer = error.peer or self.peer
        reader.lost(error)

    def _watch(self, seconds: float, *, renewed: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._heard = self._loop.time()
        self._limit, self._renewed = seconds, renewed
        self._timer = self._loop.call_later(seconds, self._look, self._heard)

    def _look(self, since: float) -> None:
        """See whether something came; one timer for an answer, not one for every piece."""
        now = self._loop.time()
        if self._renewed:
            since = now if self._paused else self._heard
        due = since + self._limit
        if due > now:
            self._timer = self._loop.call_at(due, self._look, since)
        else:
            self.fail(Stalled(f"nothing came for {self._limit:g} s"))
