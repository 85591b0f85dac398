"""Connecting: to a checked address, straight or through a proxy, with TLS by the URL's own name."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from functools import cached_property

from offing.kernel.fetch import problems
from offing.kernel.fetch.address import Address
from offing.kernel.fetch.guard import Guard
from offing.kernel.fetch.proxy import Proxies, Proxy, is_only_local
from offing.kernel.fetch.url import Url
from offing.xet.wire.connection import Connection
from offing.xet.wire.errors import (
    AddressRefused,
    BadAnswer,
    ConnectFailed,
    ConnectionLost,
    Stalled,
    WireError,
)
from offing.xet.wire.exchange import exchange
from offing.xet.wire.request import write_connect
from offing.xet.wire.roles import Loose
from offing.xet.wire.tls import Tls

Origin = tuple[str, str, int]
Make = Callable[[], Connection]

IPV6 = 6


class Dialer:
    """Makes connections, under the rules of :class:`offing.kernel.fetch.Fetcher`.

    ``trusted`` origins may be at any address, because the operator chose them. Any other leads to
    permitted addresses only, and its connection goes to one of those that were checked. Behind a
    proxy the same holds as far as this machine can look names up; see the fetcher.
    """

    def __init__(self, guard: Guard, proxies: Proxies, trusted: frozenset[Origin], ca_bundle: str) -> None:
        self._guard = guard
        self._proxies = proxies
        self._trusted = trusted
        self._ca_bundle = ca_bundle

    @cached_property
    def context(self) -> ssl.SSLContext:
        """The authorities to trust; loading them takes about 0.1 s. Raises ``BadSetting``."""
        # Loaded here and not above: it brings httpcore, which nothing else here needs.
        from offing.kernel.fetch.wire import trust

        return trust(self._ca_bundle)

    def relay(self, url: Url) -> Proxy | None:
        """Give the proxy that requests for an http URL are sent to; https goes through a tunnel."""
        return self._proxies.for_url(url) if url.scheme == "http" else None

    async def dial(self, url: Url, make: Make, seconds: float) -> Connection:
        """Connect, within ``seconds``; ``make`` builds the connection, once for each try.

        Raises ``AddressRefused``, ``ConnectFailed`` or ``Stalled``.
        """
        peer = f"{url.scheme}://{url.authority}"
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(deadline):
                return await self._dial(url, make, deadline)
        except problems.AddressRefused:
            raise AddressRefused("it does not lead to a permitted address", peer) from None
        except TimeoutError as error:
            raise Stalled(f"no connection within {seconds:g} s", peer) from error
        except OSError as error:
            raise ConnectFailed("no connection", peer) from error
        except WireError as error:
            error.peer = error.peer or peer
            raise

    async def _dial(self, url: Url, make: Make, deadline: float) -> Connection:
        proxy = self._proxies.for_url(url)
        if proxy is None:
            addresses = await self._addresses(url)
            return await self._reach(url, addresses, make, deadline)
        addresses = await self._seen_from_here(url)
        if url.scheme == "http":
            return await self._reach_proxy(proxy, make, deadline)
        return await self._tunnel(url, proxy, addresses, make, deadline)

    async def _addresses(self, url: Url) -> tuple[Address, ...]:
        if url.origin in self._trusted:
            return await self._guard.unchecked(url.host, url.port)
        return await self._guard.checked(url.host, url.port)

    async def _seen_from_here(self, url: Url) -> tuple[Address, ...]:
        """Look up and check a URL that a proxy will reach; no address where only the proxy can."""
        try:
            return await self._addresses(url)
        except OSError:
            if url.origin not in self._trusted and is_only_local(url.host.name):
                raise problems.AddressRefused from None
            return ()

    async def _reach_proxy(self, proxy: Proxy, make: Make, deadline: float) -> Connection:
        addresses = await self._guard.unchecked(proxy.host, proxy.port)
        return await self._reach(proxy, addresses, make, deadline)

    async def _reach(
        self, peer: Url | Proxy, addresses: Sequence[Address], make: Make, deadline: float
    ) -> Connection:
        """Connect to the first address that answers; each may take its share of the time left."""
        loop = asyncio.get_running_loop()
        failure: Exception = OSError("no address")
        for tried, address in enumerate(addresses):
            share = max(0.0, deadline - loop.time()) / (len(addresses) - tried)
            try:
                async with asyncio.timeout(share):
                    return await self._connect(peer, address, make())
            except OSError as error:
                failure = error
        raise failure

    async def _connect(self, peer: Url | Proxy, address: Address, connection: Connection) -> Connection:
        secure = peer.scheme == "https"
        layer = Tls(connection, self.context, peer.host.name, connection.scratch) if secure else None
        below = connection if layer is None else layer
        try:
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: below, str(address), peer.port)
            if layer is not None:
                await layer.shaken()
        except BaseException:  # cancelled or failed, the socket must not stay open
            below.abort()
            raise
        connection.ready()
        return connection

    async def _tunnel(
        self, url: Url, proxy: Proxy, addresses: Sequence[Address], make: Make, deadline: float
    ) -> Connection:
        """Ask a proxy for a tunnel, by checked address where there is one, so that the check holds."""
        names = [f"[{each}]" if each.version == IPV6 else str(each) for each in addresses]
        for name in names or [str(url.host)]:
            outer = await self._connect_through(proxy, f"{name}:{url.port}", deadline)
            if outer is not None:
                return await self._secured(outer, url, make())
        raise ConnectFailed("the proxy makes no tunnel")

    async def _connect_through(self, proxy: Proxy, target: str, deadline: float) -> Connection | None:
        loop = asyncio.get_running_loop()
        scratch = memoryview(bytearray(64 * 1024))
        outer = await self._reach_proxy(proxy, lambda: Connection("", scratch, Loose()), deadline)
        try:
            head, reader = await exchange(outer, write_connect(proxy, target), deadline - loop.time())
        except (ConnectionLost, BadAnswer) as error:
            raise ConnectFailed("the proxy does not answer as proxies do") from error
        # Bytes after the head cannot be the server's: TLS begins with this side.
        if 200 <= head.status < 300 and not reader.rest():  # noqa: PLR2004  RFC 9110, 9.3.6: any 2xx
            return outer
        outer.abort()
        return None

    async def _secured(self, outer: Connection, url: Url, connection: Connection) -> Connection:
        """Begin TLS inside a tunnel; certificate and SNI are the server's."""
        layer = Tls(connection, self.context, url.host.name, connection.scratch)
        outer.leave()
        try:
            outer.transport.set_protocol(layer)
            outer.resume()
            layer.connection_made(outer.transport)
            await layer.shaken()
        except BaseException:
            outer.transport.abort()
            raise
        connection.ready()
        return connection
