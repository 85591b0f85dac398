"""What fails between a request and the last byte of its answer, for callers and for logs.

The texts name at most an origin (scheme, host, port): the path and query of a signed URL are a
secret, and so are headers.
"""

# ruff: noqa: N818  named by what happened, as callers tell them apart
from __future__ import annotations


class WireError(Exception):
    """Base of every failure of the wire."""

    def __init__(self, text: str, peer: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.peer = peer
        """The origin that was asked, as ``scheme://host:port``; empty where none was."""

    def __str__(self) -> str:
        return f"{self.peer}: {self.text}" if self.peer else self.text


class ConnectFailed(WireError):
    """No lookup, no connection, no valid certificate, or the proxy refuses. Nothing was asked yet."""


class ConnectionLost(WireError):
    """The connection ended before the answer did, or was given up on this side."""

    unanswered = False
    """Whether it ended before any byte of the answer came."""


class Stalled(WireError):
    """Nothing came for too long."""


class BadAnswer(WireError):
    """The answer is not proper HTTP/1.1, is ambiguous about its length, or breaks a limit."""


class AddressRefused(WireError):
    """The URL is none that may be asked, or does not lead to a permitted address."""
