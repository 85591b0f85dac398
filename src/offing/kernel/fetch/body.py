"""Reading an answer's body within a limit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from offing.kernel.fetch.problems import AnswerTooLarge, NetworkFailed

if TYPE_CHECKING:
    import httpcore

PIECES_BETWEEN_TURNS = 64
"""A body of one-byte chunks comes as thousands of pieces a read. The event loop gets its turn
after these many, about a millisecond of parsing, so that no other request waits for them."""


async def read_body(answer: httpcore.Response, headers: dict[str, str], max_bytes: int) -> bytes:
    """Read the body of an answer.

    A 2xx body over ``max_bytes`` raises :class:`AnswerTooLarge`, before anything is read where
    Content-Length tells; one that is content-encoded though ``identity`` was asked for raises
    :class:`NetworkFailed`, since decoding it would undo the limit. The body of any other status
    is only a message: there the first is cut, the second left out.
    """
    wanted = 200 <= answer.status < 300  # noqa: PLR2004  RFC 9110, 15.3: success
    if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        if wanted:
            raise NetworkFailed("The URL's server sent a compressed body, which was not asked for.")
        return b""
    announced = int(headers.get("content-length", "0"))
    if wanted and announced > max_bytes:
        raise AnswerTooLarge(max_bytes=max_bytes, seen_bytes=announced)
    body = await _read_past(answer, max_bytes)
    if wanted and len(body) > max_bytes:
        raise AnswerTooLarge(max_bytes=max_bytes, seen_bytes=len(body))
    return bytes(body[:max_bytes])


async def _read_past(answer: httpcore.Response, max_bytes: int) -> bytearray:
    """Read to the end, or to the first piece that passes the limit (at most one read over)."""
    body = bytearray()
    pieces = 0
    async for piece in answer.aiter_stream():
        body += piece
        if len(body) > max_bytes:
            break
        pieces += 1
        if pieces % PIECES_BETWEEN_TURNS == 0:
            await asyncio.sleep(0)
    return body
