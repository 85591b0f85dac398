"""Bounds the head of a request: its bytes, the number of its headers, and how many may queue up."""

from __future__ import annotations

from typing import Any

from offing.kernel.connection.refusing import Refusing
from offing.kernel.problems import BadRequest, HeadersTooLarge, Problem

LARGEST_HEAD = 32 * 1024
"""Bytes of a request's path and headers together."""
MOST_HEADERS = 100
MOST_PIPELINED = 16
"""Requests that one connection may have waiting for their answers."""


class BoundedHeads(Refusing):
    """Answers 431 (RFC 6585) to a head that is too large, and 400 to too long a pipeline."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.messages = 0
        self.in_head = False
        self._headers = self._size = self._unparsed = 0
        self._refusal: Problem | None = None

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that goes on: one long header reaches no callback before its end."""
        messages = self.messages
        super().data_received(data)
        if self.in_head and self.messages == messages and not self.refused:
            self._unparsed += len(data)
            if self._unparsed > LARGEST_HEAD:
                self.refuse(HeadersTooLarge())

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self.messages += 1
        self.in_head = True
        self._headers = self._size = self._unparsed = 0

    def on_url(self, url: bytes) -> None:
        """Count the path."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; one that follows the body (a trailer) is counted, and not passed on."""
        self._headers += 1
        self._count(len(name) + len(value))
        if self.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head."""
        self.in_head = False
        if len(self.unanswered) >= MOST_PIPELINED:
            self._stop(BadRequest("Too many requests wait on this connection."))
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what was refused, by the parser or here."""
        if self._refusal is None:
            super().send_400_response(msg)
        else:
            self.refuse(self._refusal)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > LARGEST_HEAD or self._headers > MOST_HEADERS:
            self._stop(HeadersTooLarge())

    def _stop(self, problem: Problem) -> None:
        """Leave the parser; it turns any exception into its own, which ends in a 400."""
        self._refusal = problem
        raise problem
