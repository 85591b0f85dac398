"""Tokens for the content store (CAS): asked of the hub with the caller's own, kept while they are good."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from offing.kernel.cache import Cache
from offing.kernel.fetch import BadUrl
from offing.xet.engine.authorization import authorization
from offing.xet.engine.calls import Asked, Calls, read_endpoint
from offing.xet.engine.repository import Repository
from offing.xet.problems import UpstreamFailed
from offing.xet.wire import Answer

SAFETY_SECONDS = 60.0
"""How long before its end a token is not given out any more."""
MOST_KEPT = 1024
MOST_BYTES = 64 * 1024

_TOKEN = re.compile(r"[!-~]{1,16384}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """The right to read from a content store."""

    url: str = field(repr=False)
    """The store's address, without a slash at its end."""
    token: str = field(repr=False)
    expires: float
    """Seconds since 1970."""


class AccessTokens:
    """The tokens of one hub, bounded in number.

    A token is only ever given for the repository, revision and caller's token that it was made for; of the
    caller's token only a hash is kept.

    :param clock: seconds since 1970.
    """

    def __init__(
        self, calls: Calls, *, entries: int = MOST_KEPT, clock: Callable[[], float] = time.time
    ) -> None:
        self._calls, self._clock = calls, clock
        # None stands for a token that is of no more use.
        self._kept: Cache[Access | None] = Cache(entries=entries, seconds=float("inf"))

    async def get(
        self, repository: Repository, token: str | None, *, refused: Access | None = None
    ) -> Access:
        """A token that is good for a minute at least, if the hub makes such; callers share a request.

        :param repository: at the revision, best the commit, whose files are to be read.
        :param token: the caller's, or None.
        :param refused: what the store did not take: it is not given again.

        Raises a :class:`~offing.xet.problems.XetProblem`, as resolving a file does.
        """
        authorization(token)
        key = (repository, token and hashlib.sha256(token.encode()).digest())
        kept = self._kept.find(key)
        if kept is not None and (kept == refused or self._clock() >= kept.expires - SAFETY_SECONDS):
            self._kept.keep(key, None)
        access, _ = await self._kept.get(key, lambda: self._ask(repository, token))
        if access is None:  # unreachable: what is computed is never None
            raise asyncio.InvalidStateError
        return access

    async def _ask(self, repository: Repository, token: str | None) -> Access:
        url = self._calls.url(repository.token_target)
        hops = await self._calls.ask(url, Asked(repository, token), max_bytes=MOST_BYTES)
        return read_access(hops[-1].answer, self._calls.endpoint)


class _Grant(msgspec.Struct, rename="camel"):
    cas_url: str
    access_token: str
    exp: float


def read_access(answer: Answer, endpoint: str) -> Access:
    """The token in a hub's answer: its JSON, or else its headers (X-Xet-Cas-Url and so on).

    Raises :class:`~offing.xet.problems.UpstreamFailed` where it makes no sense, and where an https hub names
    a store that is not: the token would go there for all to read.
    """
    try:
        grant = _read_grant(answer)
        url = read_endpoint(grant.cas_url)
    except (ValueError, KeyError, BadUrl):
        raise UpstreamFailed("The hub gives a token that cannot be read.") from None
    if not _TOKEN.fullmatch(grant.access_token) or not 0 < grant.exp < 1e12:  # noqa: PLR2004  the year 33658
        raise UpstreamFailed("The hub gives a token that cannot be read.")
    if endpoint.startswith("https:") and not url.startswith("https:"):
        raise UpstreamFailed("The hub names a content store without TLS.")
    return Access(url, grant.access_token, grant.exp)


def _read_grant(answer: Answer) -> _Grant:
    try:
        return msgspec.json.decode(answer.body, type=_Grant)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        headers = answer.headers
        return _Grant(
            headers["x-xet-cas-url"],
            headers["x-xet-access-token"],
            float(headers["x-xet-token-expiration"]),
        )
