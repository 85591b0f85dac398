"""Reading the host of a URL: a name, or an address in whatever notation.

A lenient resolver takes ``2130706433``, ``0x7f.1`` and ``127.1`` for addresses, and a lenient
client decodes ``%31`` and full-width digits before it asks one. So every host is first brought
to the plain form that the most lenient of them would see, and what looks like an address there
must be one (as in the WHATWG URL Standard, "ends in a number"), in a form with one meaning.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import msgspec

from offing.kernel.fetch.problems import BadUrl

if TYPE_CHECKING:
    from offing.kernel.fetch.address import Address

LONGEST = 1024
"""In characters as written, since percent and IDNA forms shrink to the 253 that DNS allows."""

LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
LIKE_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
DECIMAL = re.compile(r"0|[1-9][0-9]*")
HEXADECIMAL = re.compile(r"0x[0-9a-f]+")
IN_BRACKETS = re.compile(r"[0-9A-Fa-f:.]+")


class Host(msgspec.Struct, frozen=True):
    """A host in its plain form: lower-case ASCII, no trailing dot, no brackets."""

    name: str
    address: Address | None = None
    """The address, where the host was written as one."""

    def __str__(self) -> str:
        return f"[{self.name}]" if isinstance(self.address, IPv6Address) else self.name


def read_host(text: str) -> Host:
    """Read the host part of a URL. Raises :class:`BadUrl`, also for an address with two meanings.

    ``0177.0.0.1`` is one of those: octal to some readers, decimal to others.
    """
    if len(text) > LONGEST:
        raise BadUrl("The URL's host is too long.")
    if text.startswith("["):
        return _ipv6(text)
    name = _plain(text).removesuffix(".")
    labels = name.split(".")
    if LIKE_NUMBER.fullmatch(labels[-1]):
        address = _ipv4(labels)
        return Host(str(address), address)
    if len(name) > 253 or not all(map(LABEL.fullmatch, labels)):  # noqa: PLR2004  RFC 1035, 2.3.4
        raise BadUrl("The URL's host is not a valid name.")
    return Host(name)


def _plain(text: str) -> str:
    try:
        if "%" in text:
            text = unquote_to_bytes(text).decode()
        return text.lower() if text.isascii() else _internationalized(text)
    except UnicodeError:
        raise BadUrl("The URL's host is not a valid name.") from None


def _internationalized(text: str) -> str:
    import idna

    mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
    return mapped if mapped.isascii() else idna.encode(mapped).decode("ascii")


def _ipv6(text: str) -> Host:
    inside = text[1:-1]
    if not text.endswith("]") or not IN_BRACKETS.fullmatch(inside):
        raise BadUrl("The URL's host is not a valid IPv6 address.")
    try:
        address = IPv6Address(inside)
    except ValueError:
        raise BadUrl("The URL's host is not a valid IPv6 address.") from None
    return Host(str(address), address)


def _ipv4(labels: list[str]) -> IPv4Address:
    """One to four numbers: each is one byte, the last one all the bytes that are left."""
    *leading, last = map(_number, labels)
    rest = 4 - len(leading)
    if rest < 1 or max(leading, default=0) > 255 or last >= 256**rest:  # noqa: PLR2004  bytes
        raise BadUrl("The URL's host is not a valid IPv4 address.")
    high = int.from_bytes(bytes(leading), "big")
    return IPv4Address(high << (8 * rest) | last)


def _number(label: str) -> int:
    if DECIMAL.fullmatch(label):
        return int(label)
    if HEXADECIMAL.fullmatch(label):
        return int(label, 16)
    raise BadUrl("The URL's host is not a valid IPv4 address.")
