"""Requests as bytes, with nothing in them that a caller's text could add to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from offing.kernel.fetch.proxy import Proxy
from offing.kernel.fetch.url import Url

METHOD = re.compile(r"[A-Z]{1,20}")
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
VALUE = re.compile(r"[\t -~\x80-\xff]*")

OURS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that belong to the connection and not to the caller."""

WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose request says its length also where that is 0 (RFC 9110, section 8.6)."""

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be sent again where it is unknown whether they took effect (RFC 9110, 9.2.2)."""


def write_request(
    url: Url, proxy: Proxy | None, method: str, headers: Mapping[str, str], body: bytes
) -> bytes:
    """Write a request for a URL; ``proxy`` is the one that it is sent to, None for a server or a tunnel.

    Raises :class:`ValueError`, without the value, for a method or header that cannot be sent, and
    for a header that is not the caller's to set.
    """
    if not METHOD.fullmatch(method) or method == "CONNECT":
        raise ValueError("not a method")
    fields = {"host": url.authority}
    for name, value in headers.items():
        if not NAME.fullmatch(name) or name.lower() in OURS or not VALUE.fullmatch(value):
            raise ValueError("a header that cannot be sent")
        fields[name.lower()] = value
    if body or method in WITH_BODY:
        fields["content-length"] = str(len(body))
    if proxy is not None and proxy.credentials:
        fields["proxy-authorization"] = proxy.credentials
    return _written(method, url.target if proxy is None else str(url), fields) + body


def write_connect(proxy: Proxy, target: str) -> bytes:
    """Write the request for a tunnel to ``host:port`` (RFC 9110, section 9.3.6)."""
    credentials = {"proxy-authorization": proxy.credentials} if proxy.credentials else {}
    return _written("CONNECT", target, {"host": target, **credentials})


def _written(method: str, target: str, fields: Mapping[str, str]) -> bytes:
    lines = (f"{name}: {value}\r\n" for name, value in fields.items())
    # Latin-1, as received headers are read: an ETag goes back byte for byte.
    return f"{method} {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1")
