"""An answer whose head is here and whose body is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from offing.xet.wire.bodies import IntoSink, Pieces
from offing.xet.wire.connection import Connection


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A whole answer. Its headers may hold tokens, so it has no telling repr."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; a header that came several times has its values joined by ", "."""
    body: bytes


class Incoming:
    """One answer while its body is read.

    A body that is read to its end gives the connection back. Whoever stops before calls
    :meth:`abort`, or uses this as a context manager, which does so.
    """

    def __init__(
        self,
        connection: Connection,
        body: IntoSink | Pieces,
        status: int,
        headers: Mapping[str, str],
        length: int | None,
    ) -> None:
        self._connection = connection
        self._body = body
        self.status = status
        self.headers: Mapping[str, str] = MappingProxyType(dict(headers))
        """Names in lower case; a header that came several times has its values joined by ", "."""
        self.length = length
        """Content-Length in bytes (of a HEAD, what a GET would send); None where there is none."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Give the next piece of the body, not empty, in bytes of up to 256 KiB.

        The connection is paused while about 1 MiB waits. Cancelling the wait aborts it. Raises
        :class:`~offing.xet.wire.errors.WireError`: ``ConnectionLost`` where the body is
        shorter than announced, ``Stalled``, ``BadAnswer``.
        """
        if isinstance(self._body, IntoSink):
            raise RuntimeError("the body goes into a sink")  # noqa: TRY004  the argument is not at fault
        piece = await self._body.next()
        if piece is None:
            raise StopAsyncIteration
        return piece

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()

    def pause(self) -> None:
        """Stop receiving, for a sink that is full. The time until :meth:`resume` is no stall."""
        if not self._body.over:
            self._connection.pause()

    def resume(self) -> None:
        """Receive again."""
        if not self._body.over:
            self._connection.resume()

    def abort(self) -> None:
        """Free the connection at once, wherever the body is; may be called at any time, also twice."""
        if not self._body.over:
            self._body.drop()
            self._connection.abort()
