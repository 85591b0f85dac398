"""The one writer of a file: its content and its chunk table, kept only once the whole is verified.

A journal of the table stands beside the content, so that a killed recording goes on where it was: what the
journal names is hashed again, and kept as far as it matches. Nothing is forced to the disk before the end:
a journal that is ahead of its content after a power cut is found by the same hashing.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Executor
from typing import Protocol

from offing.xet.engine.batch import Batch
from offing.xet.engine.cache.content import PIECE_BYTES, Content, CorruptEntry, Place, pieces
from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.table import (
    LABEL_BYTES,
    RECORD_BYTES,
    Label,
    Record,
    most_chunks,
    pack_records,
    read_label,
)
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.hashes import to_text
from offing.xet.engine.merkle import MerkleTree

RECOVERED_AT_ONCE = 16 << 20
COPIED_AT_ONCE = 1 << 20
FULL = {errno.ENOSPC, errno.EDQUOT}


class Keeper(Protocol):
    """What a recording asks of the cache; every method blocks."""

    quick: Executor
    """For reads and writes."""
    slow: Executor
    """For what waits for other processes."""
    syncing: Executor
    """For what waits for the disk, and may do so for minutes."""

    def publish(self, recording: Recording) -> None:
        """Give a sealed recording its place among the entries. Raises OSError."""

    def discard(self, recording: Recording) -> None:
        """Delete what was recorded."""

    def suspend(self, recording: Recording) -> None:
        """Keep what was recorded for another time, where that is worth it."""

    def more_room(self, size: int) -> bool:
        """Whether the disk has room for that many more bytes, evicting others."""


class NotThisFile(Exception):  # noqa: N818  what it is says more
    """The recorded content is not the file by whose hash it was to be kept."""


class Recording:
    """Made by :meth:`Cache.record`. One task writes; any number read what is recorded.

    ``part`` and ``journal`` are open for reading and writing, and claimed by this process.
    """

    def __init__(self, label: Label, part: int, journal: int, keeper: Keeper) -> None:
        self.file_hash = label.file_hash
        self.size = label.size
        self.label = label
        self.tree = MerkleTree()
        """Over every chunk that came, also those that the disk did not take."""
        self.content = Content(Descriptor(part), Descriptor(journal), LABEL_BYTES)
        self.recorded = 0
        """Bytes that can be read."""
        self.broken = False
        """The disk takes no more of it."""
        self.ended = False
        self.waiting = 0
        """Bytes that wait to be written."""
        self._waiting: list[tuple[bytes, list[Record]]] = []
        self._turn = asyncio.Lock()
        self._keeper = keeper
        self._busy = threading.Lock()
        self._verified = False
        self._left = self._journaled()
        """Chunks of an earlier recording that are not checked yet."""

    @property
    def unchecked(self) -> bool:
        """Whether there is more of an earlier recording than has been checked."""
        return self._left > 0

    async def recover(self) -> bool:
        """Check some 16 MiB more of what an earlier recording left; false when there is no more.

        To be called until it says false, before the first chunk is appended.
        """
        if self._left:
            await self._run(self._keeper.quick, self._recover)
        return self._left > 0

    def add(self, batch: Batch) -> None:
        """Have the next chunks, in order, wait to be written.

        Raises :class:`NotThisFile` for a chunk that cannot be: empty, too large, or past the file's end.
        """
        records = grow(self.tree, batch, self.size)
        if not self.broken and records:
            self._waiting.append((batch.content, records))
            self.waiting += len(batch.content)

    async def write(self) -> bool:
        """Write what waits, all at once; false where the disk takes it no more.

        Never raises for the disk's sake: a download goes on uncached.
        """
        async with self._turn:
            waiting, self._waiting, self.waiting = self._waiting, [], 0
            if waiting and not self.broken:
                await self._run(self._keeper.quick, self._write, waiting)
        return not self.broken

    def verified(self) -> bool:
        """Whether all that came is the file of this hash. Once it is, no chunk can follow."""
        if not self._verified and self.tree.size == self.size:
            self._verified = to_text(self.tree.file_hash()) == self.file_hash
        return self._verified

    async def commit(self) -> bool:
        """Put the whole file among the entries, once it is on the disk.

        False where the disk did not take all of it, or where it is not the file of this hash: then what was
        recorded is deleted.
        """
        await self.write()
        if not self._verified or self.broken or self.recorded != self.size:
            await self.abandon()
            return False
        await self._end(self._keeper.publish, self._keeper.syncing)
        return not self.broken

    async def suspend(self) -> None:
        """End without the whole, keeping what was recorded for the next recording of this file."""
        await self.write()
        way = self._keeper.discard if self.broken else self._keeper.suspend
        await self._end(way, self._keeper.slow)

    async def abandon(self) -> None:
        """End and delete what was recorded."""
        await self._end(self._keeper.discard, self._keeper.slow)

    def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """Pieces of what is recorded; see :func:`pieces`."""
        return pieces(self.content, self._keeper.quick, start, min(end, self.recorded))

    def close(self) -> None:
        """Nobody reads it any more."""
        self.content.data.close()
        self.content.table.close()

    def seal(self) -> None:
        """Append the table and a trailer to the content, and force it all to the disk. Raises OSError."""
        content, count = self.content, self.content.chunks
        copied, length = 0, count * RECORD_BYTES
        while copied < length:
            data = content.table.read(min(COPIED_AT_ONCE, length - copied), LABEL_BYTES + copied)
            if not data:
                raise OSError("the journal is shorter than it was")
            content.data.write([data], self.size + copied)
            copied += len(data)
        content.data.write([Label(self.file_hash, self.size, count).pack()], self.size + length)
        with content.data.held() as number:
            os.fsync(number)

    def cut(self) -> None:
        """Make the files as long as what is recorded; what an earlier recording left stays."""
        if not self._left:
            self._cut(self.recorded)

    def _recover(self) -> None:
        """In the journal's order: what follows the first mismatch is not kept."""
        content, stop = self.content, self.recorded + RECOVERED_AT_ONCE
        earlier = Content(content.data, content.table, LABEL_BYTES, content.chunks + self._left)
        try:
            while self._left and self.recorded < stop:
                place = Place(content.chunks, self.recorded)
                earlier.read(place, PIECE_BYTES)
                for digest, end in earlier.records(content.chunks, place.chunk - content.chunks):
                    self.tree.add(digest, end - self.tree.size)
                self._left -= place.chunk - content.chunks
                content.chunks, self.recorded = place.chunk, place.start
        except (CorruptEntry, OSError):
            self._left = 0
        if not self._left:
            self._cut(self.size)

    def _write(self, batches: Sequence[tuple[bytes, list[Record]]]) -> None:
        if self.ended:  # somebody who does not wait for this any more ended it
            return
        content, buffers = self.content, [each for each, _ in batches]
        end = self.recorded + sum(map(len, buffers))
        following = content.chunks + sum(len(records) for _, records in batches)
        # What does not go on where the disk's content ends comes after something that was never written.
        if following > most_chunks(self.size) or batches[-1][1][-1][1] != end:
            self.broken = True
            return
        table = b"".join(pack_records(records) for _, records in batches)
        try:
            self._insist(lambda: content.data.write(buffers, self.recorded), end - self.recorded)
            table_end = LABEL_BYTES + content.chunks * RECORD_BYTES
            self._insist(lambda: content.table.write([table], table_end), len(table))
        except OSError:
            self.broken = True
            return
        content.chunks, self.recorded = following, end

    def _insist(self, write: Callable[[], None], size: int) -> None:
        """Try once more where others could make room."""
        try:
            write()
        except OSError as error:
            if error.errno not in FULL or not self._keeper.more_room(size):
                raise
            write()

    def _journaled(self) -> int:
        """How many chunks the journal names; a new label where it is of another file or of none."""
        table = self.content.table
        if read_label(table.read(LABEL_BYTES, 0), self.file_hash) == self.label:
            with table.held() as number:
                return (os.fstat(number).st_size - LABEL_BYTES) // RECORD_BYTES
        self._cut(self.size)
        table.write([self.label.pack()], 0)
        return 0

    def _cut(self, size: int) -> None:
        """Make the journal as long as its table is, and the content that many bytes."""
        with self.content.table.held() as number:
            os.ftruncate(number, LABEL_BYTES + self.content.chunks * RECORD_BYTES)
        with self.content.data.held() as number:
            os.ftruncate(number, size)

    async def _end(self, way: Callable[[Recording], None], pool: Executor) -> None:
        """End in one way, once."""
        if self.ended:
            return
        self.ended = True
        try:
            await self._run(pool, way, self)
        except OSError:
            self.broken = True
            await self._run(self._keeper.slow, self._keeper.discard, self)

    async def _run(self, pool: Executor, work: Callable[..., None], *arguments: object) -> None:
        """Work in a thread, which cannot be stopped: who is cancelled waits for it, so that none overlaps."""

        def alone() -> None:
            with self._busy:
                work(*arguments)

        working = asyncio.get_running_loop().run_in_executor(pool, alone)
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])
            working.exception()  # nobody asks for it any more
            raise


def grow(tree: MerkleTree, batch: Batch, size: int) -> list[Record]:
    """Append chunks to the tree of a file of some bytes; gives their records.

    Raises :class:`NotThisFile` for a chunk that cannot be: empty, too large, or past the file's end.
    """
    records, end = [], tree.size
    for digest, length in batch.leaves:
        end += length
        if not 0 < length <= LARGEST_CHUNK or end > size:
            raise NotThisFile
        records.append((digest, end))
    tree.extend(batch.leaves)
    return records
