"""One hop of a fetch on the wire: connect to a checked address, send, hand over the answer.

The only module here that imports httpcore; the client imports it when the first fetch begins.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore

from offing.kernel.fetch.problems import AddressRefused
from offing.kernel.fetch.proxy import Proxies, Proxy, is_only_local
from offing.kernel.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from offing.kernel.fetch.address import Address
    from offing.kernel.fetch.guard import Guard
    from offing.kernel.fetch.url import Url

TIMEOUTS = (httpcore.TimeoutException,)
FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError)
"""What a network, a server or a certificate makes a hop fail with."""

Stream = httpcore.AsyncNetworkStream


@dataclass(frozen=True)
class Wire:
    """What every hop of every fetch shares."""

    guard: Guard
    proxies: Proxies
    context: ssl.SSLContext

    @asynccontextmanager
    async def answer(
        self, url: Url, headers: Mapping[str, str], deadline: float, *, content: bytes | None = None
    ) -> AsyncIterator[httpcore.Response]:
        """Send a GET, or a POST of some content, and give the answer, its body unread.

        The connection closes with the block.
        ``deadline`` is in the event loop's time. It only divides the time among the addresses
        to try: ending the fetch is the caller's part.
        """
        proxy = self.proxies.for_url(url)
        sent = {"Host": url.authority, **headers}
        target = url.target
        stream = await self._open(url, proxy, deadline)
        if proxy and url.scheme == "http":
            target = str(url)
            sent |= _authorization(proxy)
        connection = httpcore.AsyncHTTP11Connection(httpcore.Origin(*_bytes(url)), stream)
        try:
            method = "GET" if content is None else "POST"
            yield await connection.handle_async_request(_request(method, url, target, sent, content or b""))
        finally:
            await connection.aclose()

    async def _open(self, url: Url, proxy: Proxy | None, deadline: float) -> Stream:
        if proxy is None:
            addresses = await self.guard.checked(url.host, url.port)
            return await self._secured(url, await _dial(addresses, url.port, deadline))
        addresses = await self._seen_from_here(url)
        if url.scheme == "http":
            return await self._dial_proxy(proxy, deadline)
        return await self._secured(url, await self._tunnel(url, proxy, addresses, deadline))

    async def _seen_from_here(self, url: Url) -> tuple[Address, ...]:
        """Look up and check a URL that a proxy will fetch; no address where only the proxy can."""
        try:
            return await self.guard.checked(url.host, url.port)
        except OSError:
            if is_only_local(url.host.name):
                raise AddressRefused from None
            return ()

    async def _tunnel(
        self, url: Url, proxy: Proxy, addresses: tuple[Address, ...], deadline: float
    ) -> Stream:
        names = [f"[{each}]" if each.version == 6 else str(each) for each in addresses]  # noqa: PLR2004  IPv6
        *others, last = names or [str(url.host)]
        for name in others:
            try:
                return await self._connect_through(proxy, f"{name}:{url.port}", deadline)
            except httpcore.ProxyError:
                continue
        return await self._connect_through(proxy, f"{last}:{url.port}", deadline)

    async def _connect_through(self, proxy: Proxy, target: str, deadline: float) -> Stream:
        stream = await self._dial_proxy(proxy, deadline)
        connection = httpcore.AsyncHTTP11Connection(httpcore.Origin(*_bytes(proxy)), stream)
        headers = {"Host": target, **_authorization(proxy)}
        answer = await connection.handle_async_request(_request("CONNECT", proxy, target, headers))
        if not 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 9.3.6: any 2xx
            await connection.aclose()
            raise httpcore.ProxyError
        tunnel: Stream = answer.extensions["network_stream"]
        return tunnel

    async def _dial_proxy(self, proxy: Proxy, deadline: float) -> Stream:
        addresses = await self.guard.unchecked(proxy.host, proxy.port)
        return await self._secured(proxy, await _dial(addresses, proxy.port, deadline))

    async def _secured(self, peer: Url | Proxy, stream: Stream) -> Stream:
        """Over TLS where the scheme says so, with SNI and certificate by the peer's own name."""
        if peer.scheme == "http":
            return stream
        try:
            return await stream.start_tls(self.context, server_hostname=peer.host.name)
        except BaseException:  # cancelled or failed, the socket must not stay open
            await stream.aclose()
            raise


def trust(ca_bundle: str) -> ssl.SSLContext:
    """Make a context that verifies by the system's authorities, or by those of a file.

    Raises :class:`BadSetting` where the bundle cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=ca_bundle or None)
    except OSError:
        raise BadSetting("OFFING_FETCH_CA_BUNDLE: not a readable file of certificates") from None
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _dial(addresses: tuple[Address, ...], port: int, deadline: float) -> Stream:
    """Connect to the first address that answers; each may take its share of the time left."""
    backend = httpcore.AnyIOBackend()
    loop = asyncio.get_running_loop()
    failure: Exception = OSError("no address")
    for tried, address in enumerate(addresses):
        share = max(0.0, deadline - loop.time()) / (len(addresses) - tried)
        try:
            return await backend.connect_tcp(str(address), port, timeout=share)
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            failure = error
    raise failure


def _authorization(proxy: Proxy) -> dict[str, str]:
    return {"Proxy-Authorization": proxy.credentials} if proxy.credentials else {}


def _bytes(peer: Url | Proxy) -> tuple[bytes, bytes, int]:
    return peer.scheme.encode(), peer.host.name.encode(), peer.port


def _request(
    method: str, peer: Url | Proxy, target: str, headers: Mapping[str, str], content: bytes = b""
) -> httpcore.Request:
    scheme, host, port = _bytes(peer)
    url = httpcore.URL(scheme=scheme, host=host, port=port, target=target)
    # Latin-1, as received headers are read: an ETag goes back in If-None-Match byte for byte.
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    return httpcore.Request(method, url, headers=raw, content=content)
