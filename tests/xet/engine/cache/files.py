"""Made-up files in chunks, a source that serves them, and a cache to try them on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from offing.xet.engine.batch import Batch
from offing.xet.engine.cache import Batches, Cache, Recording
from offing.xet.engine.hashes import chunk_hash, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes


class Chunk(NamedTuple):
    """A chunk, and the hash that it is told with."""

    content: bytes
    digest: bytes


def batch_of(chunks: Sequence[Chunk]) -> Batch:
    """Chunks put together."""
    content = b"".join(chunk.content for chunk in chunks)
    return Batch(content, Nodes.of((chunk.digest, len(chunk.content)) for chunk in chunks))


@dataclass
class MadeUp:
    """A file: its content, cut into chunks of uneven lengths."""

    chunks: list[Chunk]
    content: bytes = field(init=False)
    file_hash: str = field(init=False)

    def __post_init__(self) -> None:
        self.content = b"".join(chunk.content for chunk in self.chunks)
        tree = MerkleTree()
        for chunk in self.chunks:
            tree.add(chunk.digest, len(chunk.content))
        self.file_hash = to_text(tree.file_hash())

    @property
    def size(self) -> int:
        """Bytes of content."""
        return len(self.content)

    def batches(self, many: int = 8) -> list[list[Chunk]]:
        """The chunks, so many at a time."""
        return [self.chunks[place : place + many] for place in range(0, len(self.chunks), many)]

    def from_offset(self, offset: int) -> list[Chunk]:
        """The chunks from one that starts at an offset on."""
        at = 0
        for place, chunk in enumerate(self.chunks):
            if at == offset:
                return self.chunks[place:]
            at += len(chunk.content)
        raise AssertionError(f"no chunk starts at {offset}")


def made_up(chunks: int = 40, seed: int = 0, largest: int = 128 * 1024) -> MadeUp:
    """A file of so many chunks."""
    chance = random.Random(seed)  # noqa: S311  the same files in every run
    contents = [chance.randbytes(chance.randint(largest // 16, largest)) for _ in range(chunks)]
    return MadeUp([Chunk(content, chunk_hash(content)) for content in contents])


class Source:
    """Where a flight fetches from. It counts its bytes; ``before`` is awaited before each batch."""

    def __init__(self, file: MadeUp, before: Callable[[int], object] | None = None, batch: int = 4) -> None:
        self.file = file
        self.before = before
        self.batch = batch
        self.served = 0
        self.starts: list[int] = []
        self.left = 0
        """How many fetches ended before the end of the file."""

    async def fetch(self, offset: int) -> Batches:
        """What :data:`Fetch` says."""
        self.starts.append(offset)
        try:
            chunks = self.file.from_offset(offset)
            for place in range(0, len(chunks), self.batch):
                waiting = self.before(offset) if self.before else None
                if asyncio.iscoroutine(waiting):
                    await waiting
                batch = batch_of(chunks[place : place + self.batch])
                self.served += len(batch.content)
                offset += len(batch.content)
                yield batch
        finally:
            self.left += offset < self.file.size


@asynccontextmanager
async def cache_in(folder: Path, max_bytes: int = 1 << 30) -> AsyncIterator[Cache]:
    """A started cache."""
    cache = Cache(folder, max_bytes=max_bytes)
    await cache.start()
    try:
        yield cache
    finally:
        await cache.close()


async def recording_of(cache: Cache, file: MadeUp) -> Recording:
    """A recording that has begun."""
    recording = await cache.record(file.file_hash, file.size)
    assert recording is not None
    while await recording.recover():
        pass
    return recording


async def recorded(recording: Recording, chunks: Sequence[Chunk]) -> bool:
    """Whether the disk took the next chunks."""
    recording.add(batch_of(chunks))
    return await recording.write()


async def keep(cache: Cache, *files: MadeUp) -> None:
    """Put files into a cache."""
    for file in files:
        recording = await recording_of(cache, file)
        for batch in file.batches():
            assert await recorded(recording, batch)
        assert recording.verified()
        assert await recording.commit()
        recording.close()


async def content_of(cache: Cache, file_hash: str, start: int = 0, end: int | None = None) -> bytes | None:
    """What the cache has of a file."""
    found = await cache.open(file_hash)
    if found is None:
        return None
    try:
        return b"".join([piece async for piece in found.read(start, end)])
    finally:
        found.close()


async def gathered(pieces: AsyncGenerator[bytes]) -> bytes:
    """All of a stream."""
    return b"".join([piece async for piece in pieces])


def kept(cache: Cache, files: Sequence[MadeUp]) -> list[bool]:
    """Which of some files the cache has."""
    return [cache.holds(file.file_hash) for file in files]
