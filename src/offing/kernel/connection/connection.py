"""The connection as the server uses it: bounded in itself, and in number."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterable
from typing import cast

from offing.kernel.connection.bounds import Bounds
from offing.kernel.connection.times import BoundedTimes
from offing.kernel.problems import Overloaded

RESERVED_FILES = 128
"""File descriptors for everything but connections: workers, downloads, modules."""


class Connection(BoundedTimes):
    """One of a bounded number; where all are taken, the one that is idle longest gives way."""

    was_full = False
    """Whether its client ever took an answer more slowly than it was written."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take part, if there is room or room can be made."""
        super().connection_made(transport)
        if len(self.connections) <= self.bounds.connections:
            return
        others = [
            each
            for each in cast("Iterable[Connection]", self.connections)
            if each is not self and not each.transport.is_closing()
        ]
        if len(others) < self.bounds.connections:
            return
        idle = [each for each in others if each.idle]
        if idle:
            min(idle, key=lambda each: each.idle_since).end()
        else:
            self.refuse(Overloaded("Every connection is taken.", headers={"Retry-After": "1"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Have what is still on its way watched."""
        self.bounds.untaken.note(self.transport, was_full=self.was_full)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Remember it."""
        self.was_full = True
        super().pause_writing()


def bounded(bounds: Bounds) -> type[Connection]:
    """The protocol class for uvicorn's ``http`` setting."""
    return type("BoundedConnection", (Connection,), {"bounds": bounds})


def room_for(wanted: int) -> int:
    """How many connections the limit of open files has room for, at most those wanted.

    The limit is raised as far as this process may: idle clients must not use up the files that the
    service works with.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with contextlib.suppress(OSError, ValueError):  # some systems have a lower limit of their own
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - RESERVED_FILES))
