"""A connection that can refuse: answers a problem in the app's place, and ends."""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from offing.kernel.connection.bounds import Bounds
from offing.kernel.exchange import request_id
from offing.kernel.problems import BadRequest, Problem

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LINGER_SECONDS = 2.0
LINGER_BYTES = 8 * 1024 * 1024


class Refusing(HttpToolsProtocol):
    """Knows which of its requests wait for an answer, and can end them all by one problem."""

    bounds: ClassVar[Bounds]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unanswered: list[RequestResponseCycle] = []
        self.refused = False
        self._dropped = 0
        self._end_timer: asyncio.TimerHandle | None = None

    def refuse(self, problem: Problem) -> None:
        """Answer for the app and end the connection; an answer that has begun is cut."""
        self.bounds.metrics.refused.labels(problem.code).inc()
        self.refused = True
        begun = any(cycle.response_started for cycle in self.unanswered)
        self._disconnect_requests()
        if self.transport.is_closing():
            return
        if begun:
            self.transport.close()
            return
        self.transport.write(_answer(problem, self.server_state.default_headers))
        # A client reads the answer only if the connection outlives what it is still sending.
        self.flow.resume_reading()
        self.transport.write_eof()
        self.end_in(LINGER_SECONDS, self.transport.abort)

    def data_received(self, data: bytes) -> None:
        """Parse what came; after a refusal drop it, up to a bound."""
        if not self.refused:
            super().data_received(data)
            return
        self._dropped += len(data)
        if self._dropped > LINGER_BYTES:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused."""
        del msg  # the parser's words
        self.refuse(BadRequest("The request is not valid HTTP."))

    def on_headers_complete(self) -> None:
        """Begin a request."""
        super().on_headers_complete()
        self.unanswered.append(self.cycle)

    def on_response_complete(self) -> None:
        """Forget the requests that are answered."""
        self.unanswered = [cycle for cycle in self.unanswered if not cycle.response_complete]
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request of this connection; uvicorn tells only the latest."""
        self.cancel_end()
        super().connection_lost(exc)
        self._disconnect_requests()

    def end_in(self, seconds: float, end: Callable[[], None]) -> None:
        """Do what ends the connection after a time, unless :meth:`cancel_end` comes first."""
        self.cancel_end()
        self._end_timer = self.loop.call_later(seconds, end)

    def cancel_end(self) -> None:
        """Let the connection go on."""
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None

    def _disconnect_requests(self) -> None:
        self.pipeline.clear()
        for cycle in self.unanswered:
            cycle.disconnected = True
            cycle.message_event.set()
        self.unanswered = []


def _answer(problem: Problem, always: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A whole HTTP answer that tells of a problem (RFC 9112)."""
    identity = request_id(None)
    body = msgspec.json.encode(problem.body(identity))
    headers = {
        "content-type": problem.media_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "connection": "close",
        "x-request-id": identity,
        **problem.headers,
    }
    lines = [f"HTTP/1.1 {problem.status} {http.HTTPStatus(problem.status).phrase}".encode()]
    lines += [name + b": " + value for name, value in always]
    lines += [f"{name}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join([*lines, b"", body])
