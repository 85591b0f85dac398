"""TLS between a transport and a connection, decrypted straight into the connection's room.

The event loops bring their own, at the same speed. This one halves the memory of a connection in
use (theirs holds 256 KiB to receive into, beside what OpenSSL keeps), goes through https proxies
on any loop, and tells a body that was cut short from one that ended (RFC 9112, section 9.8).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

from offing.xet.wire.connection import Connection
from offing.xet.wire.roles import Carrier

READ_AT_ONCE = 128 * 1024
"""Encrypted bytes that are received at once. OpenSSL keeps memory for one third more, for good."""


class Tls(asyncio.BufferedProtocol):
    """A protocol to the transport below, a transport to the protocol above.

    The certificate must be valid for ``name``, as ``context`` says. ``scratch`` is where
    encrypted bytes are received before they are copied for OpenSSL; it may be shared.
    """

    def __init__(
        self, above: Connection | Tls, context: ssl.SSLContext, name: str, scratch: memoryview
    ) -> None:
        self._above = above
        self._scratch = scratch[:READ_AT_ONCE]
        self._loop = asyncio.get_running_loop()
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._arrived, self._leaving, server_hostname=name)
        self._shaken: asyncio.Future[None] = self._loop.create_future()
        # A dial that is cancelled no longer asks how the handshake ended.
        self._shaken.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._carrier: Carrier | None = None
        self._paused = self._closing = self._at_end = self._notified = False
        self._failure: Exception | None = None

    async def shaken(self) -> None:
        """Wait until the handshake is done. Raises :class:`OSError`, which SSL's errors are."""
        await self._shaken

    # To the transport below

    def connection_made(self, transport: asyncio.BaseTransport | Carrier) -> None:
        """Begin the handshake."""
        self._carrier = cast("Carrier", transport)
        self._shake()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  asyncio's interface
        """Receive encrypted bytes."""
        return self._scratch

    def buffer_updated(self, nbytes: int) -> None:
        """Decrypt them."""
        self._arrived.write(self._scratch[:nbytes])
        if not self._shaken.done():
            self._shake()
        self._pass_on()

    def eof_received(self) -> bool:
        """The peer sends no more; what has come may still have to wait for a paused reader."""
        self._at_end = True
        self._pass_on()
        return self._paused and not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell above; only an end that the peer gave notice of is a proper one."""
        self._closing = True
        error = self._failure or exc or ConnectionResetError("TLS ended without notice")
        if not self._shaken.done():
            self._shaken.set_exception(error)
        self._above.connection_lost(None if self._notified else error)
        self._carrier = None  # OpenSSL's memory is freed now, not when cycles are collected

    # To the protocol above

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what follows to another protocol."""
        if not isinstance(protocol, Tls):
            raise TypeError("only TLS goes on top of TLS")
        self._above = protocol

    def write(self, data: bytes) -> None:
        """Encrypt and send."""
        rest = memoryview(data)
        try:
            while rest and not self._closing:
                rest = rest[self._session.write(rest) :]
        except ssl.SSLError as error:
            self._give_up(error)
        self._flush()

    def get_write_buffer_size(self) -> int:
        """How many encrypted bytes wait to be sent."""
        return self._carrier.get_write_buffer_size() if self._carrier else 0

    def is_closing(self) -> bool:
        """Whether it takes no more."""
        return self._closing or self._carrier is None or self._carrier.is_closing()

    def pause_reading(self) -> None:
        """Pass nothing on, receive nothing."""
        self._paused = True
        if self._carrier is not None:
            self._carrier.pause_reading()

    def resume_reading(self) -> None:
        """Pass on what has come, receive again."""
        self._paused = False
        if self._carrier is not None:
            self._carrier.resume_reading()
        self._loop.call_soon(self._pass_on)

    def abort(self) -> None:
        """End at once."""
        self._closing = True
        self._shaken.cancel()
        if self._carrier is not None:
            self._carrier.abort()

    # Between

    def _shake(self) -> None:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as error:
            self._flush()  # the alert that tells the peer why
            self._give_up(error)
            return
        self._flush()
        if not self._shaken.done():
            self._above.connection_made(self)
            self._shaken.set_result(None)

    def _pass_on(self) -> None:
        """Decrypt what has arrived, for each piece as much as the room above takes."""
        if not self._shaken.done():
            return
        drained = False
        while not (drained or self._paused or self._closing):
            room = self._above.get_buffer(-1)
            count = self._decrypt(room)
            drained = count < len(room)
            if count:
                self._above.buffer_updated(count)
        self._flush()
        if drained and (self._at_end or self._notified or self._failure) and not self._closing:
            self.abort()

    def _decrypt(self, room: memoryview) -> int:
        """Fill the room as far as it goes; records are at most 16 KiB, so it takes many reads."""
        size, count = len(room), 0
        read = cast("Callable[[int, memoryview], int]", self._session.read)
        try:
            while count < size:
                more = read(size - count, room[count:])
                if not more:
                    self._notified = True
                    break
                count += more
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._failure = error
        return count

    def _flush(self) -> None:
        if self._leaving.pending and self._carrier is not None and not self._carrier.is_closing():
            self._carrier.write(self._leaving.read())

    def _give_up(self, error: Exception) -> None:
        self._failure = error
        if not self._shaken.done():
            self._shaken.set_exception(error)
        self.abort()
