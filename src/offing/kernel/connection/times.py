"""Bounds how long a connection waits for a client that sends nothing, or that reads nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from offing.kernel.connection.heads import BoundedHeads
from offing.kernel.problems import SlowRequest


class BoundedTimes(BoundedHeads):
    """Answers 408 to a head that is late, and cuts a client that does not take its answer.

    The time between two requests is uvicorn's keep-alive; the time of a body that is being read is
    the request's own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.idle_since = self.loop.time()
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every timer."""
        self._cancel_head_timer()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        """Read on, against the clock while the next move is the client's."""
        super().data_received(data)
        self._expect()

    def on_response_complete(self) -> None:
        """Note that the next move is the client's."""
        self.idle_since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing():
            self.end_in(self.bounds.stall_seconds)

    def pause_writing(self) -> None:
        """Give the client a bounded time to take what has been sent."""
        super().pause_writing()
        self.end_in(self.bounds.stall_seconds)

    def resume_writing(self) -> None:
        """Let a client that reads go on."""
        super().resume_writing()
        if not self.refused:
            self.cancel_end()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, also one whose client has not taken the last answer."""
        self.end()

    def end(self) -> None:
        """Close, and wait for no client that does not read."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.close()

    def _expect(self) -> None:
        if self.unanswered or self.refused:
            self._cancel_head_timer()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.bounds.header_seconds, self._late)

    def _late(self) -> None:
        self._head_timer = None
        if self.in_head:
            self.refuse(SlowRequest("The request's head took too long to come."))
        else:
            self.end()

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
