"""Reading a URL strictly: what is accepted has one meaning to every reader (RFC 3986)."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

import msgspec

from offing.kernel.fetch.host import Host, read_host
from offing.kernel.fetch.problems import BadUrl

LONGEST = 8192
DEFAULT_PORTS = {"http": 80, "https": 443}

# Control characters, white space, backslashes and lone surrogates: where readers disagree on
# whether to strip, refuse or translate a character, a check and a connection can differ.
FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\\s\ud800-\udfff]")
PARTS = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE | re.ASCII,  # otherwise U+017F, the long s, counts as an s
)
AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
LARGEST_PORT = 65535
KEPT_IN_PATH = "!$%&'()*+,/:;=?@[]"


class Url(msgspec.Struct, frozen=True):
    """A URL that may be fetched, if its addresses may be connected to."""

    scheme: str
    host: Host
    port: int
    target: str
    """Path and query, in ASCII."""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port (RFC 6454)."""
        return self.scheme, self.host.name, self.port

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        return str(self.host) if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def redirected(self, location: str) -> Url:
        """Resolve what a Location header names, seen from this URL.

        Raises :class:`BadUrl`, also where it would leave https for http.
        """
        _refuse_forbidden(location)
        try:
            target = read_url(urljoin(str(self), location))
        except ValueError:
            raise BadUrl("The URL redirects to one that cannot be read.") from None
        if (self.scheme, target.scheme) == ("https", "http"):
            raise BadUrl("The URL redirects from https to http.")
        return target


def read_url(text: str) -> Url:
    """Read an absolute http or https URL of at most 8192 characters. Raises :class:`BadUrl`.

    The fragment is dropped, since no server is sent one. Not judged here is whether the host
    may be connected to: an address in the URL is checked with those that a name resolves to.
    """
    _refuse_forbidden(text)
    parts = PARTS.fullmatch(text)
    if parts is None:
        raise BadUrl("The URL is not an absolute http:// or https:// one.")
    if "@" in parts["authority"]:
        raise BadUrl("The URL holds a user name or a password.")
    authority = AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise BadUrl("The URL's host or port cannot be read.")
    scheme = parts["scheme"].lower()
    port = int(authority["port"] or DEFAULT_PORTS[scheme])
    if port > LARGEST_PORT:
        raise BadUrl("The URL's port is not between 1 and 65535.")
    target = quote((parts["path"] or "/") + (parts["query"] or ""), safe=KEPT_IN_PATH)
    return Url(scheme, read_host(authority["host"]), port, target)


def redacted(url: str) -> str:
    """Give the form of a URL that may be logged: scheme, host and port, or ``(not a URL)``."""
    try:
        known = read_url(url)
    except BadUrl:
        return "(not a URL)"
    return f"{known.scheme}://{known.authority}"


def _refuse_forbidden(text: str) -> None:
    if len(text) > LONGEST:
        raise BadUrl("The URL is too long.")
    if FORBIDDEN.search(text):
        raise BadUrl("The URL holds a space, a backslash or a control character.")
