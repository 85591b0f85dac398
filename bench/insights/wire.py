"""A small HTTP/1.1 client on a blocking socket: it costs little and keeps the server in view.

The load generator shares its cores with the server that it measures, so each request is two
``send`` calls on prepared bytes and the answer is parsed in C.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import httptools

BOUNDARY = "offing-bench-3f1c9a7be0d24586"
ALL_METRICS = "/v1/image/analysis?metrics=brightness,median,histogram&edge_mode=all"
COMMENT_LENGTH = 16


class Unanswered(Exception):  # noqa: N818  the name says what happened
    """The server gave no whole answer: it was late, or it closed the connection."""


@dataclass(frozen=True)
class Answer:
    """One answer and the seconds from the first byte sent to the last byte read."""

    status: int
    body: bytes
    seconds: float


@dataclass(frozen=True)
class Upload:
    """A request that is ready but for the few bytes which make its image new to a cache."""

    before: bytes
    after: bytes
    comment: int = 0
    """How many bytes of comment stand between ``before`` and ``after``."""

    def parts(self) -> tuple[bytes, bytes]:
        """The request's bytes, never the same twice where it has a comment."""
        return self.before + os.urandom(self.comment // 2).hex().encode(), self.after


def request(path: str, body_type: str | None, *chunks: bytes, comment: int = 0) -> Upload:
    """Prepare a POST whose body is the two chunks with the comment between them, or one chunk."""
    before, after = (*chunks, b"")[:2]
    length = len(before) + comment + len(after)
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
    lines += [] if body_type is None else [f"Content-Type: {body_type}"]
    return Upload("\r\n".join([*lines, "", ""]).encode("latin-1") + before, after, comment)


def upload(
    image: bytes, *, path: str = ALL_METRICS, media_type: str | None = "image/jpeg", unique: bool = True
) -> Upload:
    """Prepare a form with this image; a JPEG can be made unique by a COM segment behind its SOI marker."""
    lines = [f"--{BOUNDARY}", 'Content-Disposition: form-data; name="image"; filename="image"']
    lines += [] if media_type is None else [f"Content-Type: {media_type}"]
    form = "\r\n".join([*lines, "", ""]).encode()
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    body_type = f"multipart/form-data; boundary={BOUNDARY}"
    if not unique:
        return request(path, body_type, form + image, end)
    segment = b"\xff\xfe" + (COMMENT_LENGTH + 2).to_bytes(2, "big")
    return request(path, body_type, form + image[:2] + segment, image[2:] + end, comment=COMMENT_LENGTH)


@dataclass
class _Reading:
    """What the parser has told of one answer."""

    chunks: list[bytes] = field(default_factory=list)
    whole: bool = False

    def on_body(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        self.whole = True


class Connection:
    """One keep-alive connection to a server on loopback; opened when first used."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it, which also ends a request that another thread waits on."""
        ours, self._socket = self._socket, None  # in one step: both threads may close
        if ours is not None:
            with suppress(OSError):  # the other side was first
                ours.shutdown(socket.SHUT_RDWR)
            ours.close()

    def post(self, upload: Upload, limit: float = 60.0) -> Answer:
        """Send a request and read its answer within ``limit`` seconds. Raises :class:`Unanswered`."""
        start = time.perf_counter()
        try:
            connection = self._open(limit)
            self._send(connection, upload)
            return self._read(connection, start, limit)
        except OSError as error:
            self.close()
            raise Unanswered(type(error).__name__) from error

    def _open(self, limit: float) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=limit)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(limit)
        return self._socket

    @staticmethod
    def _send(connection: socket.socket, upload: Upload) -> None:
        # A server may answer before it has read everything and close; the answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            for part in upload.parts():
                connection.sendall(part)

    def _read(self, connection: socket.socket, start: float, limit: float) -> Answer:
        reading = _Reading()
        parser = httptools.HttpResponseParser(reading)
        while not reading.whole:
            connection.settimeout(max(0.001, start + limit - time.perf_counter()))
            data = connection.recv(65536)
            if not data:
                raise ConnectionAbortedError
            try:
                parser.feed_data(data)
            except httptools.HttpParserError as error:
                raise ConnectionAbortedError from error
        if not parser.should_keep_alive():
            self.close()
        return Answer(parser.get_status_code(), b"".join(reading.chunks), time.perf_counter() - start)
