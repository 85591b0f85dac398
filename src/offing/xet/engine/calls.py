"""Requests to one hub: each with its token, followed through redirects, tried again where that may help.

The token goes to the hub's own origin (scheme, host and port) and nowhere else. Once a redirect has led to
another origin the token is not sent any more, even if a later redirect leads back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import msgspec

from offing.kernel.fetch import BadUrl
from offing.kernel.fetch.url import Url, read_url
from offing.xet.engine.authorization import authorization
from offing.xet.engine.failures import of_hub, of_store, of_wire, page_of
from offing.xet.engine.repository import Repository
from offing.xet.engine.retries import Retries
from offing.xet.problems import RepositoryNotFound, UpstreamFailed, XetProblem
from offing.xet.wire import Answer, Http, WireError

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
LONGEST_ENDPOINT = 512


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what, as it decides what a refusal means."""

    repository: Repository
    token: str | None = field(repr=False)
    missing: type[XetProblem] = RepositoryNotFound
    """What a 404 without a reason means."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One answer on the way, and where it came from."""

    url: Url = field(repr=False)
    answer: Answer = field(repr=False)
    following: Url | None = field(repr=False)
    """Where it redirects to."""

    def read(self, form: type[T]) -> T:
        """The JSON of its body, as a type that msgspec knows. Raises UpstreamFailed where it does not fit."""
        try:
            return msgspec.json.decode(self.answer.body, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UpstreamFailed("The hub sent an answer that cannot be read.") from None

    @property
    def leaves(self) -> bool:
        """Whether it redirects to another origin."""
        return self.following is not None and self.following.origin != self.url.origin


Found = Callable[[list[Hop]], bool]


class Calls:
    """The hub at an endpoint, which may have a path of its own (``https://mirror.example/hub``).

    :param endpoint: an address without query. Raises :class:`~offing.kernel.fetch.BadUrl` for what is none.
    :param seconds: for one call with all its redirects, tries and waits.
    :param try_seconds: for one request.
    """

    def __init__(
        self,
        http: Http,
        endpoint: str,
        *,
        retries: Retries | None = None,
        seconds: float = 60.0,
        try_seconds: float = 20.0,
    ) -> None:
        self.http, self.retries = http, retries or Retries()
        self.seconds, self._try_seconds = seconds, try_seconds
        self.endpoint = read_endpoint(endpoint)
        self.origin = read_url(self.endpoint).origin

    def url(self, target: str) -> Url:
        """The URL of a path at the hub, quoted as it has to be sent."""
        return read_url(self.endpoint + target)

    def headers(self, url: Url, token: str | None) -> dict[str, str]:
        """What to send: plain answers are asked for, and the token only where the URL is the hub's.

        Raises NoRight for what is no token, wherever it would go.
        """
        own = authorization(token)
        return {"accept-encoding": "identity"} | (own if url.origin == self.origin else {})

    async def ask(
        self, url: Url, asked: Asked, *, max_bytes: int, method: str = "GET", found: Found | None = None
    ) -> list[Hop]:
        """Every answer up to the one that does not redirect, or that ``found`` says is enough.

        Raises a :class:`~offing.xet.problems.XetProblem`.
        """
        deadline = self.retries.clock() + self.seconds
        hops: list[Hop] = []
        token = asked.token
        while len(hops) <= MOST_REDIRECTS:
            attempt = partial(self._ask_once, url, replace(asked, token=token), method, max_bytes)
            hop = await self.retries.run(attempt, deadline=deadline)
            hops.append(hop)
            if hop.following is None or (found is not None and found(hops)):
                return hops
            if hop.following.origin != self.origin:
                token = None
            url = hop.following
        raise UpstreamFailed("The hub redirects too many times.")

    async def _ask_once(self, url: Url, asked: Asked, method: str, max_bytes: int) -> Hop:
        try:
            answer = await self.http.ask(
                str(url),
                method=method,
                headers=self.headers(url, asked.token),
                max_bytes=max_bytes,
                seconds=self._try_seconds,
            )
        except WireError as error:
            raise of_wire(error) from error
        following = redirect_of(url, answer.status, answer.headers)
        if following is None and not 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
            raise self.refusal(url, answer.status, answer.headers, asked)
        return Hop(url, answer, following)

    def refusal(self, url: Url, status: int, headers: Mapping[str, str], asked: Asked) -> Exception:
        """What to raise for an answer that is neither 2xx nor a redirect."""
        if url.origin != self.origin:
            return of_store(status, headers)
        page = page_of(self.endpoint, asked.repository)
        signed_in = asked.token is not None
        return of_hub(status, headers, page=page, signed_in=signed_in, missing=asked.missing)


def read_endpoint(text: str) -> str:
    """An endpoint in its plain form, without a slash at its end. Raises BadUrl."""
    url = read_url(text)
    if len(text) > LONGEST_ENDPOINT or "?" in url.target:
        raise BadUrl("The hub's address is too long, or has a query.")
    return str(url).rstrip("/")


def redirect_of(url: Url, status: int, headers: Mapping[str, str]) -> Url | None:
    """Where an answer redirects to; None where it does not. Raises UpstreamFailed where that is no URL."""
    location = headers.get("location", "")
    if status not in REDIRECTS or not location:
        return None
    try:
        return url.redirected(location.encode("latin-1").decode("utf-8", "replace"))
    except (BadUrl, UnicodeError):
        raise UpstreamFailed("The hub redirects to what cannot be asked.") from None
