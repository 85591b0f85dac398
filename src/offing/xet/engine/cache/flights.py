"""Single flight: of all who want one file at the same time, one fetch serves them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from enum import StrEnum

from offing.xet.engine.cache.content import CorruptEntry
from offing.xet.engine.cache.flight import PATIENCE_SECONDS, Fetch, Flight
from offing.xet.engine.cache.local import Cache
from offing.xet.problems import Corrupt, UpstreamFailed

WINDOW_BYTES, WINDOWS_BYTES = 4 << 20, 80 << 20


class Whereabouts(StrEnum):
    """Where a file would be read from."""

    CACHE = "cache"
    FLIGHT = "flight"
    UPSTREAM = "upstream"


class Flights:
    """Reads files through the cache. Used in one event loop.

    Of each file on its way at most ``window`` bytes stay in memory, and of all at most ``together``.
    ``kept`` is told the hash of each file that came into the cache.
    """

    def __init__(
        self, cache: Cache, *, window: int = WINDOW_BYTES, together: int = WINDOWS_BYTES,
        patience: float = PATIENCE_SECONDS, kept: Callable[[str], None] | None = None,
    ) -> None:  # fmt: skip
        self._cache = cache
        self._window, self._together = window, together
        self._patience = patience
        self._kept = kept
        self._flights: dict[str, Flight] = {}
        self._alone: set[Flight] = set()
        """Those that nobody can join."""
        self._landed = 0

    def whereabouts(self, file_hash: str) -> Whereabouts:
        """Where a file would be read from now."""
        if file_hash in self._flights:
            return Whereabouts.FLIGHT
        return Whereabouts.CACHE if self._cache.holds(file_hash) else Whereabouts.UPSTREAM

    async def read(
        self, file_hash: str, size: int, fetch: Fetch, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes]:
        """The bytes of a range of a file of some size, in pieces of about 1 MiB.

        From the cache, each piece checked; else from the fetch that is under way; else by ``fetch``, which
        then brings the whole file, whatever the range. A damaged entry is fetched again unnoticed. The right
        to the file is the caller's to check before. Close the generator when the client leaves: the fetch
        ends with its last reader. Raises what the fetch raises, :class:`Corrupt`, UpstreamTimedOut,
        UpstreamFailed; ValueError for a hash that is none.
        """
        at, end = start, size if end is None else min(end, size)
        async with aclosing(self._cached(file_hash, size, at, end)) as cached:
            async for piece in cached:
                at += len(piece)
                yield piece
        if at < end:
            flight = await self._join(file_hash, size, fetch, at)
            try:
                async with aclosing(flight.read(at, end)) as coming:
                    async for piece in coming:
                        yield piece
            except CorruptEntry as error:
                raise UpstreamFailed("The cache's disk is damaged.") from error

    def goes_past(self, file_hash: str, size: int, start: int) -> bool:
        """Whether the fetch of a file that is under way has come past an offset, and records it."""
        flight = self._flights.get(file_hash)
        return flight is not None and flight.goes_past(start, size)

    async def settled(self, file_hash: str) -> None:
        """Return once no fetch of a file is under way, and what came of the last has been put away."""
        if (flight := self._flights.get(file_hash)) is not None:
            await flight.settled()

    async def close(self) -> None:
        """End every fetch; what was recorded is kept for the next time."""
        flights = [*self._flights.values(), *self._alone]
        for flight in flights:
            flight.cancel()
        for flight in flights:
            await flight.settled()

    async def _cached(self, file_hash: str, size: int, start: int, end: int) -> AsyncGenerator[bytes]:
        """What the cache has of a range from its start on: all, or nothing, or what comes before damage."""
        while start < end and file_hash not in self._flights:
            landed = self._landed
            file = await self._cache.open(file_hash)
            if file is None and landed != self._landed:
                continue  # perhaps this very file has just come
            if file is None:
                return
            try:
                if file.size != size:
                    raise Corrupt("The hub names another size than this content has.")
                async with aclosing(file.read(start, end)) as pieces:
                    async for piece in pieces:
                        yield piece
            except CorruptEntry:
                pass
            finally:
                file.close()
            return

    async def _join(self, file_hash: str, size: int, fetch: Fetch, start: int) -> Flight:
        """The flight to read along with; no moment passes between the return and the one before it."""
        while (flight := self._flights.get(file_hash)) is not None and flight.leaving:
            await flight.settled()
            await asyncio.sleep(0)  # until it is out of the list
        if flight is not None and flight.can_join(start, size):
            return flight
        mine = Flight(self._cache, file_hash, size, fetch, window=self._share, patience=self._patience)
        if flight is None:
            self._flights[file_hash] = mine
        else:
            self._alone.add(mine)
        mine.begin(self._ended)
        return mine

    def _share(self) -> int:
        """Bytes of one file in memory, with as many on their way as there are now."""
        return min(self._window, self._together // (len(self._flights) + len(self._alone)))

    def _ended(self, flight: Flight) -> None:
        self._alone.discard(flight)
        if self._flights.get(flight.file_hash) is flight:
            del self._flights[flight.file_hash]
        self._landed += 1
        if flight.kept and self._kept is not None:
            self._kept(flight.file_hash)
