"""What stands around a connection: what carries it, who reads from it, who counts it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from offing.xet.wire.connection import Connection


class Reader(Protocol):
    """Where the bytes of a connection go."""

    def room(self) -> memoryview:
        """Writable and not empty: where the next bytes go."""

    def filled(self, count: int) -> None:
        """So many bytes were written at its start. What it raises ends the connection."""

    def lost(self, error: Exception | None) -> None:
        """The connection is gone: closed by the peer (None), or for a reason."""


class Carrier(Protocol):
    """What a connection is carried by: an event loop's transport, or TLS on top of one."""

    def write(self, data: bytes) -> None:
        """Send."""

    def get_write_buffer_size(self) -> int:
        """How many bytes wait to be sent."""

    def is_closing(self) -> bool:
        """Whether it takes no more."""

    def pause_reading(self) -> None:
        """Receive nothing."""

    def resume_reading(self) -> None:
        """Receive again."""

    def abort(self) -> None:
        """End at once."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what follows to another protocol."""


class BodyReader(Reader, Protocol):
    """A reader that knows when it is done."""

    over: bool
    """Whether it takes no more."""

    def begin(self, rest: memoryview) -> None:
        """Take the bytes that came with the head."""


class Owner(Protocol):
    """Who counts connections."""

    def made(self, connection: Connection) -> None:
        """A connection is up."""

    def freed(self, connection: Connection, *, keeps: bool) -> None:
        """Its answer is over; ``keeps`` where it can take another request. May come twice."""

    def gone(self, connection: Connection) -> None:
        """Its socket is closed."""


class Loose:
    """An owner that does not count."""

    def made(self, connection: Connection) -> None:
        """Pass."""

    def freed(self, connection: Connection, *, keeps: bool) -> None:
        """Pass."""

    def gone(self, connection: Connection) -> None:
        """Pass."""
