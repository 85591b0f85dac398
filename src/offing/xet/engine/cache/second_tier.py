"""The bucket behind the cache: asked before the upstream, and given what came into the cache."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from offing.kernel.logs import log
from offing.xet.engine.batch import Batch
from offing.xet.engine.cache.bucket import Bucket, BucketFailed, DamagedObject
from offing.xet.engine.cache.content import CorruptEntry
from offing.xet.engine.cache.flight import Batches, Fetch
from offing.xet.engine.cache.local import Cache

UPLOADS = 2
MOST_WAITING = 256
"""What comes to the cache while so many files wait for their upload is not put into the bucket."""
REST_SECONDS = 30.0
"""For how long a bucket that failed is left alone."""


@dataclass(slots=True)
class BucketStatistics:
    """What has happened since the start."""

    hits: int = 0
    misses: int = 0
    uploads: int = 0
    failures: int = 0
    damaged: int = 0


class SecondTier:
    """Wraps fetches, and uploads in the background. A failing bucket never fails a download."""

    def __init__(self, cache: Cache, bucket: Bucket, *, rest: float = REST_SECONDS) -> None:
        self.statistics = BucketStatistics()
        self._cache = cache
        self._bucket = bucket
        self._rest = rest
        self._resting_until = 0.0
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(UPLOADS)

    def before(self, file_hash: str, size: int, upstream: Fetch) -> Fetch:
        """A fetch that takes what it can from the bucket, and from there on asks the upstream."""

        async def fetch(offset: int) -> Batches:
            async with aclosing(self._stored(file_hash, size, offset)) as stored:
                async for batch in stored:
                    offset += len(batch.content)
                    yield batch
            if offset < size:
                async with aclosing(upstream(offset)) as rest:
                    async for batch in rest:
                        yield batch

        return fetch

    def keep(self, file_hash: str) -> None:
        """Put a file of the cache into the bucket, some time; what :class:`Flights` tells of ``kept``."""
        if file_hash in self._waiting or len(self._waiting) >= MOST_WAITING:
            return
        task = asyncio.create_task(self._upload(file_hash))
        self._waiting[file_hash] = task
        task.add_done_callback(lambda _: self._waiting.pop(file_hash, None))

    async def settled(self) -> None:
        """Wait for the uploads that are under way and waiting."""
        while self._waiting:
            await asyncio.wait(list(self._waiting.values()))

    async def close(self) -> None:
        """Stop the uploads; what is half there is not found by anybody."""
        for task in self._waiting.values():
            task.cancel()
        await self.settled()

    async def _stored(self, file_hash: str, size: int, offset: int) -> AsyncGenerator[Batch]:
        """What the bucket has from an offset on; it ends early where the bucket fails."""
        if time.monotonic() < self._resting_until:
            return
        try:
            found = await self._bucket.find(file_hash, size)
            if found is None:
                self.statistics.misses += 1
                return
            self.statistics.hits += 1
            async with aclosing(found.batches(offset)) as batches:
                async for batch in batches:
                    yield batch
        except BucketFailed as error:
            await self._failed(error, file_hash)

    async def _upload(self, file_hash: str) -> None:
        async with self._places:
            if time.monotonic() < self._resting_until:
                return
            file = await self._cache.open(file_hash, counted=False)
            if file is None:
                return
            try:
                uploaded = await self._bucket.put(file)
                self.statistics.uploads += uploaded  # read only now: others count meanwhile
            except CorruptEntry:
                pass  # it is out of the cache already
            except BucketFailed as error:
                await self._failed(error, file_hash)
            finally:
                file.close()

    async def _failed(self, error: BucketFailed, file_hash: str) -> None:
        log("bucket failed", level=logging.WARNING, exception=error)
        self.statistics.failures += 1
        if not isinstance(error, DamagedObject):
            self._resting_until = time.monotonic() + self._rest
            return
        self.statistics.damaged += 1
        with suppress(BucketFailed):
            await self._bucket.delete(file_hash)
