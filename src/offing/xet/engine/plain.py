"""A file's bytes as the hub keeps them plainly: small files, LFS, and clients that do not want Xet.

They come unverified: nothing but the length is known of a range. A file whose SHA-256 is known is verified
by whoever reads all of it.
"""

from __future__ import annotations

from functools import partial
from typing import Self

from offing.xet.engine.calls import Calls
from offing.xet.engine.failures import of_wire
from offing.xet.engine.resolved import Resolved
from offing.xet.engine.retries import Retryable
from offing.xet.engine.source import Body, Source
from offing.xet.problems import BadRange, UpstreamFailed
from offing.xet.wire import WireError

PROGRESS = 1024 * 1024
"""Bytes after which a broken connection counts as the first one again."""


async def open_plain(calls: Calls, resolved: Resolved, start: int, end: int, token: str | None) -> Plain:
    """Ask for the bytes ``start`` up to, not with, ``end``; gives them when an answer with them has begun.

    The location that the hub named is asked first; where that has expired, the hub again, at the commit.
    No other server is sent the token.

    Raises :class:`~offing.xet.problems.BadRange` for what the file does not have, and other
    XetProblems as the hub or the storage refuses.
    """
    if not 0 <= start <= end <= resolved.size or (start == end and resolved.size):
        raise BadRange(headers={"Content-Range": f"bytes */{resolved.size}"})
    plain = Plain(Source(calls, resolved, token), start, end)
    await plain.reopen()
    return plain


class Plain:
    """The bytes of a range, iterated once, in pieces; a broken connection is taken up where it broke.

    Iterating raises a :class:`~offing.xet.problems.XetProblem` where the bytes do not come: it ends cleanly
    only after ``length`` bytes. Whoever stops before the end calls :meth:`abort`.
    """

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.length = end - start
        self._source, self._place, self._end = source, start, end
        self._opened_at, self._tried = start, 0
        self._body: Body | None = None

    async def reopen(self) -> None:
        """Ask for what is not here yet. Raises a XetProblem."""
        self.abort()
        calls = self._source.calls
        self._body = await calls.retries.run(
            partial(self._source.open, self._place, self._end), deadline=calls.retries.clock() + calls.seconds
        )

    def abort(self) -> None:
        """Free the connection at once; may be called again."""
        if self._body is not None:
            self._body.incoming.abort()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        while True:
            try:
                piece = await self._next()
            except Retryable as failed:
                await self._resume(failed)
                continue
            except BaseException:
                self.abort()
                raise
            if piece is None:
                raise StopAsyncIteration
            if piece:
                return piece

    async def _next(self) -> bytes | None:
        """What is wanted of the next piece; None after the last one."""
        body = self._body
        if body is None:
            return None
        if self._place == self._end < body.end:
            self.abort()  # the rest of a file that is not served in ranges
            return None
        try:
            piece = await anext(body.pieces, None)
        except WireError as error:
            raise of_wire(error) from error
        if piece is None:
            if self._place < self._end:
                raise Retryable(UpstreamFailed())
            return None
        body.count(piece)
        wanted = piece[max(0, self._place - body.place + len(piece)) :][: self._end - self._place]
        self._place += len(wanted)
        return wanted

    async def _resume(self, failed: Retryable) -> None:
        progress, self._opened_at = self._place - self._opened_at, self._place
        self._tried = 1 if progress >= PROGRESS else self._tried + 1
        self.abort()
        await self._source.calls.retries.pause(failed, self._tried)
        await self.reopen()
