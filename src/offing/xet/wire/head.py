"""The head of an answer: read strictly, and what it says about the body that follows.

Whatever two readers could understand in two ways is refused, since a proxy in between may be the
other reader (RFC 9112, sections 5 and 6.3; CWE-444).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from offing.xet.wire.errors import BadAnswer

MOST_HEADERS = 100

STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [\t -~\x80-\xff]*)?")
# A line that begins with a space (the obsolete folding) has no name and does not match.
FIELD_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t -~\x80-\xff]*)")
LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)

SWITCHING = 101
NO_CONTENT = 204
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, repr=False)
class Head:
    """Status and headers of an answer. Its headers may hold tokens, so it has no telling repr."""

    status: int
    headers: dict[str, str]
    """Names in lower case; a header that came several times has its values joined by ", "."""
    minor: int
    """Of the version: HTTP/1.0 or HTTP/1.1."""


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the body of an answer ends."""

    length: int | None
    """In bytes; None where it is chunked or lasts until the connection closes."""
    chunked: bool
    keeps: bool
    """Whether the connection can take another request after this body."""

    @property
    def until_close(self) -> bool:
        """Whether nothing but the connection's end tells the body's end."""
        return self.length is None and not self.chunked


def read_head(raw: bytes) -> Head:
    """Read a head, given without the empty line that ends it. Raises :class:`BadAnswer`."""
    first, *lines = raw.split(b"\r\n")
    status = STATUS_LINE.fullmatch(first)
    if status is None:
        raise BadAnswer("the answer does not begin as HTTP/1.1 does")
    if len(lines) > MOST_HEADERS:
        raise BadAnswer("the answer has too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        field = FIELD_LINE.fullmatch(line)
        if field is None:
            raise BadAnswer("the answer has a header that cannot be read")
        name = field[1].decode("ascii").lower()
        value = field[2].decode("latin-1").rstrip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(int(status[2]), headers, int(status[1]))


def frame(method: str, head: Head) -> Framing:
    """Tell where the body ends (RFC 9112, section 6.3). Raises :class:`BadAnswer` where in doubt."""
    length = announced_length(head)
    chunked = _is_chunked(head)
    if chunked and length is not None:
        raise BadAnswer("the answer has both Content-Length and Transfer-Encoding")
    keeps = head.minor == 1 and "close" not in _tokens(head.headers.get("connection", ""))
    if method == "HEAD" or head.status == NOT_MODIFIED:
        return Framing(0, chunked=False, keeps=keeps)
    if head.status == NO_CONTENT:
        # It has no body; one that announces a body all the same may send it, and then the next
        # answer on this connection would begin in the middle of it.
        return Framing(0, chunked=False, keeps=keeps and not chunked and not length)
    return Framing(length, chunked, keeps and (chunked or length is not None))


def announced_length(head: Head) -> int | None:
    """Give Content-Length in bytes; the same number several times counts as once.

    Raises :class:`BadAnswer` for other lists, and for what is not 1 to 18 digits.
    """
    text = head.headers.get("content-length")
    if text is None:
        return None
    values = {each.strip(" \t") for each in text.split(",")}
    only = values.pop()
    if values or not LENGTH.fullmatch(only):
        raise BadAnswer("the answer's Content-Length is not one number")
    return int(only)


def _is_chunked(head: Head) -> bool:
    coding = head.headers.get("transfer-encoding")
    if coding is None:
        return False
    if coding.lower() != "chunked" or head.minor == 0:
        raise BadAnswer("the answer has a transfer coding that was not asked for")
    return True


def _tokens(value: str) -> set[str]:
    return {each.strip(" \t").lower() for each in value.split(",")}
