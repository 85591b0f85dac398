"""Fetching a URL that a client named, without becoming the client's way into this network."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from offing.kernel.fetch.body import read_body
from offing.kernel.fetch.guard import Guard, read_networks
from offing.kernel.fetch.problems import AddressRefused, FetchTimedOut, NetworkFailed, TooManyRedirects
from offing.kernel.fetch.proxy import is_only_local, read_proxies
from offing.kernel.fetch.resolver import Resolver, ThreadedResolver
from offing.kernel.fetch.settings import FetchSettings
from offing.kernel.fetch.url import Url, read_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import httpcore

    from offing.kernel.fetch.wire import Wire

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024
"""Of an answer. Reading itself stops at httpcore's limit, about three times as much."""

OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "host",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""What a caller's headers may not set: a fetch knows its own length, and has neither cookies nor codings."""


class Fetched(msgspec.Struct, frozen=True):
    """What a URL answered, whatever the status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; a header that came several times has its values joined by ", "."""
    body: bytes
    url: str
    """Where the redirects ended."""


class Fetcher:
    """Fetches URLs from public addresses only; one for a process, used from one event loop.

    A name is looked up once a hop. If any of its addresses is not public the fetch is refused,
    otherwise the connection goes to one of those very addresses, while Host, SNI and the
    certificate stay the name's. Every redirect is a hop of its own and goes through all of it.

    **Behind a proxy** the last word is the proxy's. Addresses in the URL, and names that this
    machine can look up, are refused as ever. For https the tunnel is then asked for by checked
    address, so the pin holds, and TLS verifies the name end to end. For http the proxy is given
    the URL, looks the name up itself, and may get another answer than the check did: the pin
    does not hold. A name that only the proxy can look up goes to it by name, unless it is a name
    of local networks; there the proxy's rules alone decide what is reached. The proxy itself is
    the operator's choice and may have any address.

    ``resolver`` takes the place of the system's. Building one does nothing slow; raises
    :class:`~offing.kernel.settings.BadSetting` where the settings cannot be read.
    """

    def __init__(self, settings: FetchSettings | None = None, *, resolver: Resolver | None = None) -> None:
        self._settings = settings or FetchSettings()
        self._guard = Guard(read_networks(self._settings.allow_networks), resolver or ThreadedResolver())
        self._proxies = read_proxies(self._settings)

    def prepare(self) -> None:
        """Load the HTTP and TLS modules and the certificates (about 0.1 s), as the first fetch would.

        Raises :class:`~offing.kernel.settings.BadSetting` where the CA bundle cannot be read.
        """
        _ = self._wire

    def require_public(self, url: str) -> str:
        """The plain form of a URL that may be fetched, as far as that can be told without a look-up.

        Raises ``BadUrl``, and ``AddressRefused`` for an address, or a name of local networks, where no
        network beside the public ones is allowed that it could be of.
        """
        known = read_url(url)
        self._guard.check_written(known.host)
        if known.host.address is None and is_only_local(known.host.name) and not self._guard.also:
            raise AddressRefused
        return str(known)

    async def fetch(
        self, url: str, *, max_bytes: int, seconds: float, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """GET a URL. Statuses other than 2xx are returned like any, redirects are followed.

        :param max_bytes: the largest body that is taken.
        :param seconds: for everything together: lookups, connections, all redirects, the body.
        :param headers: sent to the URL's own origin only, never on to another. ``ValueError``
            for those that are not the caller's to set.

        Raises a :class:`~offing.kernel.fetch.problems.FetchProblem`: ``BadUrl``,
        ``AddressRefused``, ``TooManyRedirects``, ``FetchTimedOut``, ``AnswerTooLarge`` or
        ``NetworkFailed``.
        """
        wire = self._wire
        first, own = read_url(url), _checked_headers(headers or {})
        deadline = asyncio.get_running_loop().time() + seconds
        async with _in_time(deadline):
            return await self._follow(wire, first, own, max_bytes, deadline)

    async def post(
        self, url: str, content: bytes, *, max_bytes: int, seconds: float, headers: Mapping[str, str]
    ) -> Fetched:
        """POST content to a URL, once: any status is returned, and a redirect is not followed.

        Takes and raises the same as :meth:`fetch`.
        """
        wire = self._wire
        target, own = read_url(url), _checked_headers(headers)
        deadline = asyncio.get_running_loop().time() + seconds
        sent = {**self._headers(own), "content-length": str(len(content))}
        async with _in_time(deadline), wire.answer(target, sent, deadline, content=content) as answer:
            received = _received(answer)
            return Fetched(answer.status, received, await read_body(answer, received, max_bytes), str(target))

    @cached_property
    def _wire(self) -> Wire:
        # Loaded here and not above: most commands and services never fetch anything.
        from offing.kernel.fetch.wire import Wire, trust

        return Wire(self._guard, self._proxies, trust(self._settings.ca_bundle))

    async def _follow(
        self, wire: Wire, url: Url, own: dict[str, str], max_bytes: int, deadline: float
    ) -> Fetched:
        for _ in range(self._settings.max_redirects + 1):
            async with wire.answer(url, self._headers(own), deadline) as answer:
                received = _received(answer)
                following = _following(url, answer.status, received)
                if following is None:
                    body = await read_body(answer, received, max_bytes)
                    return Fetched(answer.status, received, body, str(url))
            if following.origin != url.origin:
                own = {}
            url = following
        raise TooManyRedirects

    def _headers(self, own: dict[str, str]) -> dict[str, str]:
        ours = {"user-agent": self._settings.user_agent, "accept": "*/*"}
        return {**ours, **own, "accept-encoding": "identity", "connection": "close"}


@asynccontextmanager
async def _in_time(deadline: float) -> AsyncIterator[None]:
    """Ends what passes a deadline, in the event loop's time, and tells its failures as problems."""
    from offing.kernel.fetch.wire import FAILURES, TIMEOUTS

    try:
        async with asyncio.timeout_at(deadline):
            yield
    except (TimeoutError, *TIMEOUTS) as error:
        raise FetchTimedOut from error
    except FAILURES as error:
        raise NetworkFailed from error


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    own = {name.lower(): value for name, value in headers.items()}
    if not OURS.isdisjoint(own):
        raise ValueError("a fetch sets this header itself")
    return own


def _received(answer: httpcore.Response) -> dict[str, str]:
    size = sum(len(name) + len(value) for name, value in answer.headers)
    if len(answer.headers) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise NetworkFailed("The headers of the URL's answer are too large.")
    headers: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("ascii").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _following(url: Url, status: int, headers: dict[str, str]) -> Url | None:
    location = headers.get("location")
    if status not in REDIRECTS or not location:
        return None
    return url.redirected(location.encode("latin-1").decode("utf-8", "replace"))
