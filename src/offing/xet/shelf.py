"""What is kept of files: the cache on disk, the bucket behind it, and the fetches under way that fill them.

Everything here is by the hash of a content; whose right it is to read it has been looked at before.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from pathlib import Path

from offing.kernel.logs import log
from offing.xet.engine.batch import Batch
from offing.xet.engine.cache import Batches, Cache, CorruptEntry, Fetch, Flights, UnsafeFolder, Whereabouts
from offing.xet.engine.cache.bucket import Bucket
from offing.xet.engine.cache.second_tier import SecondTier
from offing.xet.problems import Corrupt, NotCached, UpstreamFailed

UPLOAD_SECONDS = 5.0
"""How long the last uploads into the bucket are waited for when the service stops."""
MOST_RESUMED = 4 << 30
"""Bytes that are hashed again before the first of those that follow them: some seconds of work."""
REMEDY = "Set OFFING_XET_CACHE_DIR to a folder of this user, on a disk that can be written."


class Elsewhere(Exception):  # noqa: N818  not an error: the bytes are to be had from the hub
    """A part of a file is no longer under way."""


class Shelf:
    """Used in one event loop. Where there is no folder, or it cannot be used, nothing is kept.

    :param max_bytes: of the cache; 0 for none.
    :param bucket: behind the cache; without a cache it is not used.
    :param window: bytes of each fetch under way that stay in memory.
    :param together: bytes of all of them.
    """

    def __init__(
        self, folder: Path | None, max_bytes: int, *, bucket: Bucket | None, window: int, together: int
    ) -> None:
        self._folder, self._max_bytes, self._bucket = folder, max_bytes, bucket
        self._window, self._together = window, together
        self.cache: Cache | None = None
        """Once it is started."""
        self.tier: SecondTier | None = None
        self._flights: Flights | None = None
        self._passed: dict[str, int] = {}
        """Up to which byte the fetch of a file has come, by its hash."""

    async def start(self, *, required: bool) -> None:
        """Find what is there. Raises UnsafeFolder, OSError where that cannot be, and it is required."""
        if not self._max_bytes:
            return
        try:
            self.cache = await self._opened()
        except (OSError, UnsafeFolder) as error:
            if required:
                raise
            reason = errno.errorcode.get(getattr(error, "errno", None) or 0, type(error).__name__)
            log("xet works without a cache: its folder cannot be used", level=logging.WARNING,
                reason=reason, remedy=REMEDY)  # fmt: skip
            return
        if self._bucket is not None:
            self.tier = SecondTier(self.cache, self._bucket)
        kept = self.tier.keep if self.tier is not None else None
        self._flights = Flights(self.cache, window=self._window, together=self._together, kept=kept)

    async def _opened(self) -> Cache:
        if self._folder is None:
            raise FileNotFoundError(errno.ENOENT, "no folder")
        cache = Cache(self._folder, max_bytes=self._max_bytes)
        try:
            await cache.start()
        except BaseException:
            await cache.close()
            raise
        return cache

    async def stop(self) -> None:
        """End what is under way; what was recorded is kept."""
        if self._flights is not None:
            await self._flights.close()
        if self.tier is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(UPLOAD_SECONDS):
                    await self.tier.settled()
            await self.tier.close()
        if self.cache is not None:
            await self.cache.close()

    @property
    def keeps(self) -> bool:
        """Whether there is a cache."""
        return self._flights is not None

    @property
    def fetches(self) -> int:
        """Files that are on their way into the cache."""
        return len(self._passed)

    def holds(self, file_hash: str) -> bool:
        """Whether the cache has the whole file, as last seen."""
        return self.cache is not None and self.cache.holds(file_hash)

    async def settled(self, file_hash: str) -> None:
        """Return once no fetch of a file is under way."""
        if self._flights is not None:
            await self._flights.settled(file_hash)

    def whereabouts(self, file_hash: str) -> Whereabouts:
        """Where a file would be read from."""
        return Whereabouts.UPSTREAM if self._flights is None else self._flights.whereabouts(file_hash)

    def has_passed(self, file_hash: str, end: int) -> bool:
        """Whether a fetch under way has come past a byte, so that what is before it is here."""
        return self.whereabouts(file_hash) is Whereabouts.FLIGHT and end <= self._passed.get(file_hash, 0)

    def can_go_on(self, file_hash: str, size: int, start: int) -> bool:
        """Whether a fetch of the whole file has come past a byte, or had when it was interrupted."""
        if self._flights is None or self.cache is None:
            return False
        if self.whereabouts(file_hash) is Whereabouts.FLIGHT:
            return self._flights.goes_past(file_hash, size, start)
        return start <= MOST_RESUMED and self.cache.has_begun(file_hash, size, start)

    async def read(
        self, file_hash: str, size: int, fetch: Fetch, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) of a file of some size, the whole of which is kept; see Flights.read."""
        flights = self._flights
        assert flights is not None  # noqa: S101  nobody reads where nothing is kept
        upstream = fetch if self.tier is None else self.tier.before(file_hash, size, fetch)
        at = start
        while at < end:
            # A fetch that serves parts only may be joined in the moment in which it ends.
            with suppress(Elsewhere):
                async with aclosing(
                    flights.read(file_hash, size, self._followed(file_hash, upstream), at, end)
                ) as pieces:
                    async for piece in pieces:
                        at += len(piece)
                        yield piece

    async def read_passed(
        self, file_hash: str, size: int, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) that a fetch under way has passed. Raises :class:`Elsewhere`.

        What comes is not verified: that is done at the end of the file.
        """
        assert self._flights is not None  # noqa: S101  nobody reads where nothing is kept

        async def nowhere(_: int) -> Batches:
            none: tuple[Batch, ...] = ()
            for batch in none:
                yield batch
            raise Elsewhere

        async with aclosing(self._flights.read(file_hash, size, nowhere, start, end)) as pieces:
            async for piece in pieces:
                yield piece

    async def read_verified(
        self, file_hash: str, size: int, fetch: Fetch, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) of a kept file, nothing of them unverified.

        Where it is gone or damaged, the whole is fetched anew, and the rest is handed on once that is
        verified. Raises what the fetch raises, Corrupt, UpstreamFailed.
        """
        at = start
        with suppress(NotCached, Corrupt):
            async with aclosing(self.read_kept(file_hash, size, at, end)) as pieces:
                async for piece in pieces:
                    at += len(piece)
                    yield piece
        if at == end:
            return
        # The last byte of a fetch comes after its verification, and the file is put away after that.
        async with aclosing(self.read(file_hash, size, fetch, size - 1, size)) as last:
            async for _ in last:
                pass
        assert self._flights is not None  # noqa: S101  nobody reads where nothing is kept
        await self._flights.settled(file_hash)
        try:
            async with aclosing(self.read_kept(file_hash, size, at, end)) as pieces:
                async for piece in pieces:
                    yield piece
        except NotCached:
            raise UpstreamFailed("The cache could not keep what was fetched anew.") from None

    async def read_kept(
        self, file_hash: str | None, size: int, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) of a file out of the cache alone. Raises NotCached, Corrupt."""
        file = await self.cache.open(file_hash) if self.cache is not None and file_hash else None
        if file is None:
            raise NotCached
        try:
            if file.size != size:
                raise Corrupt
            async with aclosing(file.read(start, end)) as pieces:
                async for piece in pieces:
                    yield piece
        except CorruptEntry:
            raise Corrupt("The disk did not give back what was cached.") from None
        finally:
            file.close()

    def _followed(self, file_hash: str, fetch: Fetch) -> Fetch:
        """The fetch, noting how far it has come: what it is asked to go on after is released to readers."""

        async def follow(start: int) -> Batches:
            first = file_hash not in self._passed
            if first:
                self._passed[file_hash] = start
            try:
                async with aclosing(fetch(start)) as batches:
                    async for batch in batches:
                        yield batch
                        if first:
                            self._passed[file_hash] += len(batch.content)
            finally:
                if first:
                    del self._passed[file_hash]

        return follow
