"""Which proxy a URL goes through, by the variables that corporate networks set."""

from __future__ import annotations

import re
from base64 import b64encode
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from offing.kernel.fetch.host import Host, read_host
from offing.kernel.fetch.problems import BadUrl
from offing.kernel.fetch.url import DEFAULT_PORTS, Url
from offing.kernel.settings import BadSetting

if TYPE_CHECKING:
    from offing.kernel.fetch.address import Network
    from offing.kernel.fetch.settings import FetchSettings

PROXY = re.compile(
    r"(?:(?P<scheme>https?)://)?(?:(?P<user>[^/]*)@)?"
    r"(?P<host>\[[^\]]*\]|[^:/@\[\]]+)(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE | re.ASCII,
)
NOT_A_PROXY = "A proxy is not of the form http://[user:password@]host:port."
BYPASS = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]+)(?::(?P<port>[0-9]{1,5}))?")

ONLY_LOCAL = ("localhost", "local", "internal", "intranet", "lan", "corp", "home", "private", "home.arpa")
"""Domains that mean something only inside a network (RFC 6761, 6762, 8375; ICANN's reserved
``internal``; those that RFC 6762, appendix G, finds in private use)."""


class Proxy(msgspec.Struct, frozen=True):
    """An HTTP proxy."""

    scheme: str
    host: Host
    port: int
    credentials: str | None = None
    """The value of Proxy-Authorization, which no one but the proxy is sent."""


class Proxies(msgspec.Struct, frozen=True):
    """The proxies by scheme, and what goes without one."""

    by_scheme: dict[str, Proxy | None]
    bypass: tuple[str, ...] = ()

    def for_url(self, url: Url) -> Proxy | None:
        """Choose the proxy that a URL goes through; None where it goes straight."""
        if any(_matches(entry, url) for entry in self.bypass):
            return None
        return self.by_scheme[url.scheme]


def read_proxies(settings: FetchSettings) -> Proxies:
    """Read the proxies of the settings. Raises :class:`BadSetting`, without the value."""
    return Proxies(
        {
            "http": _read(settings.http_proxy or settings.all_proxy),
            "https": _read(settings.https_proxy or settings.all_proxy),
        },
        tuple(entry.lower() for entry in settings.no_proxy),
    )


def is_only_local(name: str) -> bool:
    """Whether a name means a host of the network that the asked resolver stands in."""
    return "." not in name or name.endswith(tuple(f".{each}" for each in ONLY_LOCAL))


def _read(text: str) -> Proxy | None:
    if not text:
        return None
    if (parts := PROXY.fullmatch(text)) is None:
        raise BadSetting(NOT_A_PROXY)
    try:
        host = read_host(parts["host"])
    except BadUrl:
        raise BadSetting(NOT_A_PROXY) from None
    scheme = (parts["scheme"] or "http").lower()
    user = parts["user"]
    credentials = None if user is None else f"Basic {b64encode(unquote_to_bytes(user)).decode()}"
    return Proxy(scheme, host, int(parts["port"] or DEFAULT_PORTS[scheme]), credentials)


def _matches(entry: str, url: Url) -> bool:
    if entry == "*":
        return True
    if url.host.address is not None and (network := _network(entry)) is not None:
        return url.host.address in network
    parts = BYPASS.fullmatch(entry)
    if parts is None or (parts["port"] and int(parts["port"]) != url.port):
        return False
    name = parts["host"].strip("[]").removeprefix("*").removeprefix(".")
    return url.host.name == name or (url.host.address is None and url.host.name.endswith(f".{name}"))


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None
