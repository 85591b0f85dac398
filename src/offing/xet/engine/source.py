"""One answer with the plain bytes of a file: asked of its location, or of the hub where that has expired."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from offing.kernel.fetch import BadUrl
from offing.kernel.fetch.url import Url, read_url
from offing.xet.engine.calls import MOST_REDIRECTS, Asked, Calls, redirect_of
from offing.xet.engine.failures import of_wire
from offing.xet.engine.resolved import Resolved
from offing.xet.problems import EntryNotFound, UpstreamFailed
from offing.xet.wire import Incoming, WireError

MOST_SKIPPED = 8 * 1024 * 1024
"""Bytes before a range that are read and dropped where a server does not serve ranges."""

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,16})-([0-9]{1,16})/([0-9]{1,16}|\*)", re.ASCII)
_EXPIRED = frozenset({400, 401, 403, 404, 410})
"""What storage answers to a signed URL whose time is over."""


class Body:
    """One answer's body: where in the file its next byte belongs, and where it has to end."""

    def __init__(self, incoming: Incoming, place: int, end: int) -> None:
        self.incoming, self.place, self.end = incoming, place, end
        self.pieces = aiter(incoming)

    def count(self, piece: bytes) -> None:
        """Move on by a piece. Raises UpstreamFailed where it passes the end."""
        self.place += len(piece)
        if self.place > self.end:
            raise UpstreamFailed("The hub or its content store sent more than the file has.")


class _Expired(Exception):  # noqa: N818  not an error: the hub has another address
    """A location that is not good any more."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file's bytes come from, and with whose right."""

    calls: Calls
    resolved: Resolved
    token: str | None = field(repr=False)

    async def open(self, start: int, end: int) -> Body:
        """An answer that is the range, or the whole file. Raises Retryable or a XetProblem."""
        try:
            location = read_url(self.resolved.location)
        except BadUrl:
            raise UpstreamFailed("The hub names a location that is no address.") from None
        try:
            return await self._follow(location, start, end)
        except _Expired:
            hub = self.calls.url(self.resolved.pinned.file_target(self.resolved.path))
            return await self._follow(hub, start, end)

    async def _follow(self, url: Url, start: int, end: int) -> Body:
        token = self.token if url.origin == self.calls.origin else None
        may_expire = url.origin != self.calls.origin
        for _ in range(MOST_REDIRECTS + 1):
            incoming = await self._ask(url, token, start, end)
            try:
                following = redirect_of(url, incoming.status, incoming.headers)
                if following is None:
                    return self._accept(url, incoming, start, end, may_expire=may_expire)
            except BaseException:
                incoming.abort()
                raise
            incoming.abort()  # which keeps the connection where a short body has come with its head
            token = token if following.origin == self.calls.origin else None
            url = following
        raise UpstreamFailed("The hub redirects too many times.")

    async def _ask(self, url: Url, token: str | None, start: int, end: int) -> Incoming:
        headers = self.calls.headers(url, token)
        if end - start < self.resolved.size:
            headers["range"] = f"bytes={start}-{end - 1}"
        try:
            return await self.calls.http.open(str(url), headers=headers)
        except WireError as error:
            raise of_wire(error) from error

    def _accept(self, url: Url, incoming: Incoming, start: int, end: int, *, may_expire: bool) -> Body:
        """The body of an answer, if that is what was asked for."""
        size, commit = self.resolved.size, self.resolved.commit
        if may_expire and incoming.status in _EXPIRED:
            raise _Expired
        if incoming.status == 206:  # noqa: PLR2004  partial content
            fits, body = _is_range(incoming, start, end, size), Body(incoming, start, end)
        elif incoming.status == 200:  # noqa: PLR2004  all of it
            fits, body = start <= MOST_SKIPPED, Body(incoming, 0, size)
        else:
            asked = Asked(self.resolved.repository, self.token, EntryNotFound)
            raise self.calls.refusal(url, incoming.status, incoming.headers, asked)
        if incoming.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise UpstreamFailed("The hub or its content store compressed what was to be plain.")
        if commit and incoming.headers.get("x-repo-commit", commit) != commit:
            raise _Expired if may_expire else UpstreamFailed("The hub sent the file of another commit.")
        if not fits or incoming.length not in (None, body.end - body.place):
            raise UpstreamFailed("The hub or its content store sent another range than was asked for.")
        return body


def _is_range(incoming: Incoming, start: int, end: int, size: int) -> bool:
    told = _CONTENT_RANGE.fullmatch(incoming.headers.get("content-range", ""))
    if told is None:
        return False
    return (int(told[1]), int(told[2]) + 1) == (start, end) and told[3] in ("*", str(size))
