"""Bounds how long a connection waits for a client that sends nothing, or that reads nothing."""

from __future__ import annotations

import asyncio
import math
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

    @property
    def idle(self) -> bool:
        """Whether nothing is lost when the connection is closed."""
        return not self.unanswered and not self.transport.get_write_buffer_size()

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
            self._end_unless_taken(math.inf)

    def pause_writing(self) -> None:
        """Cut a client that takes nothing of what is sent for too long."""
        super().pause_writing()
        self._end_unless_taken(math.inf)

    def resume_writing(self) -> None:
        """Let a client that reads go on."""
        super().resume_writing()
        if not self.refused and not self.transport.is_closing():
            self.cancel_end()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one whose client still takes the last answer, after that."""
        self.end()

    def end(self) -> None:
        """Close once all that was sent is taken, or the client takes nothing more."""
        if not self.transport.is_closing():
            self.transport.close()
            self._end_unless_taken(math.inf)

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

    def _end_unless_taken(self, before: float) -> None:
        left = self.transport.get_write_buffer_size()
        if left >= before:
            self.transport.abort()
        else:
            self.end_in(self.bounds.stall_seconds, lambda: self._end_unless_taken(left))

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
