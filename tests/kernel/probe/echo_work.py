"""A handler that sends back what it is sent."""

from __future__ import annotations


def warm() -> None:
    """Nothing needs loading."""


def handle(header: bytes, body: bytearray) -> bytes:
    """The header and the body."""
    return header + body
