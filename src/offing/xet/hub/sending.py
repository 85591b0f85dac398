"""Answers with bytes of a file or of unpacked content: whole, a range, or several ranges."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from offing.xet.hub.ranges import Range, read_ranges

PIECE = 1 << 20
_CACHED_ONLY = getattr(os, "RWF_NOWAIT", 0)

Piece = bytes | bytearray
Pieces = Callable[[Range], AsyncGenerator[Piece]]
"""The bytes of a range."""


class Sending(Response):
    """An answer whose body is read while it is sent, never further than the client takes it."""

    def __init__(
        self, status: int, headers: Mapping[str, str], length: int, pieces: AsyncGenerator[Piece]
    ) -> None:
        super().__init__(None, status, {"Accept-Ranges": "bytes", **headers, "Content-Length": str(length)})
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async with aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def send_content(request: Request, size: int, headers: Mapping[str, str], pieces: Pieces) -> Response:
    """Content, as the request's Range asks. Raises Refusal (416)."""
    asked = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    if condition is not None and condition != headers.get("ETag"):
        asked = ""
    ranges = read_ranges(asked, size) if asked else None
    if ranges is None:
        return Sending(200, headers, size, pieces((0, size)))
    return send_ranges(ranges, size, headers, pieces)


def send_ranges(ranges: list[Range], size: int, headers: Mapping[str, str], pieces: Pieces) -> Response:
    """206: one range as it is, several as multipart/byteranges (RFC 9110, section 14.6)."""
    if len(ranges) == 1:
        first, after = ranges[0]
        one = {**headers, "Content-Range": f"bytes {first}-{after - 1}/{size}"}
        return Sending(206, one, after - first, pieces(ranges[0]))
    boundary = uuid.uuid4().hex
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Range: bytes {first}-{after - 1}/{size}\r\n\r\n".encode()
        for first, after in ranges
    ]
    end = f"\r\n--{boundary}--\r\n".encode()
    length = sum(map(len, heads)) + sum(after - first for first, after in ranges) + len(end)

    async def parts() -> AsyncGenerator[Piece]:
        for head, one in zip(heads, ranges, strict=True):
            yield head
            async with aclosing(pieces(one)) as body:
                async for piece in body:
                    yield piece
        yield end

    several = {**headers, "Content-Type": f"multipart/byteranges; boundary={boundary}"}
    return Sending(206, several, length, parts())


def from_file(place: Path) -> Pieces:
    """The bytes of a file on the disk."""
    return partial(_read_file, place)


async def _read_file(place: Path, wanted: Range) -> AsyncGenerator[Piece]:
    offset, after = wanted
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while offset < after:
            wanted_bytes = min(PIECE, after - offset)
            # What memory holds is read at once; only the disk is worth a thread.
            piece = _read_cached(descriptor, wanted_bytes, offset)
            if not piece:
                piece = await asyncio.to_thread(os.pread, descriptor, wanted_bytes, offset)
            if not piece:
                raise EOFError("a file of the store is shorter than its index says")
            offset += len(piece)
            yield piece
    finally:
        os.close(descriptor)


def _read_cached(descriptor: int, count: int, offset: int) -> Piece:
    if not _CACHED_ONLY:
        return b""
    piece = bytearray(count)
    try:
        done = os.preadv(descriptor, [piece], offset, _CACHED_ONLY)
    except OSError:
        return b""
    return piece if done == count else piece[:done]
