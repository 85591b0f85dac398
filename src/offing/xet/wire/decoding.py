"""Taking the body out of the bytes of a connection, by the three ways in which a body ends."""

from __future__ import annotations

from typing import Protocol

import httptools

from offing.xet.wire.errors import BadAnswer

CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

FREE_OVERHEAD = 64 * 1024
OVERHEAD_A_BYTE = 16
"""Bytes of chunk sizes, extensions and trailers that a chunked body may have beside its own: so many,
and so many more for each byte of the body. One-byte chunks need 5; a peer that sends only extensions
or trailers would otherwise be listened to for ever."""


class Decoder(Protocol):
    """Finds the end of a body."""

    over: bool
    """Whether the body is whole."""
    clean: bool
    """Whether nothing came after it, so that the connection's next byte is the next answer's."""
    ends_with_connection: bool
    """Whether the end of the connection is the proper end of the body."""

    def feed(self, data: memoryview) -> bytes:
        """Copy out what of the next bytes is body. Raises :class:`BadAnswer`."""


class Sized:
    """A body of known length in bytes, 0 included."""

    ends_with_connection = False

    def __init__(self, length: int) -> None:
        self._left = length
        self.over = length == 0
        self.clean = True

    def feed(self, data: memoryview) -> bytes:
        """Take at most what the body lacks."""
        self.clean = len(data) <= self._left
        piece = bytes(data[: self._left])
        self._left -= len(piece)
        self.over = self._left == 0
        return piece


class UntilClose:
    """A body that lasts until the connection closes. Whether it was cut short cannot be known."""

    over = False
    clean = False
    ends_with_connection = True

    def feed(self, data: memoryview) -> bytes:
        """Take all."""
        return bytes(data)


class Chunked:
    """A chunked body (RFC 9112, section 7.1); chunk extensions and trailers are dropped."""

    ends_with_connection = False

    def __init__(self) -> None:
        self.over = False
        self.clean = True
        self._pieces: list[bytes] = []
        self._allowed = FREE_OVERHEAD
        # The head is made up: the real one was read before, more strictly. "close" makes the
        # parser refuse what follows the body.
        self._parser = httptools.HttpResponseParser(self)
        self._parser.feed_data(CHUNKED_HEAD)

    def on_body(self, piece: bytes) -> None:
        """Keep a piece; called by the parser."""
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Note the end; called by the parser."""
        self.over = True

    def feed(self, data: memoryview) -> bytes:
        """Take the content of the chunks, joined."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.over:
                raise BadAnswer("the answer's chunks cannot be read") from None
            self.clean = False
        body = b"".join(self._pieces)
        self._pieces.clear()
        self._allowed += len(body) * (OVERHEAD_A_BYTE + 1) - len(data)
        if self._allowed < 0:
            raise BadAnswer("the answer's chunks hold next to nothing")
        return body
