"""The cache: verified content of whole files, by file hash, on this machine's disk."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from offing.xet.engine.cache.cached_file import CachedFile, label_of
from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.keeper import DiskKeeper
from offing.xet.engine.cache.layout import Folder, open_file
from offing.xet.engine.cache.ledger import Item, Ledger, reserved
from offing.xet.engine.cache.recording import Recording
from offing.xet.engine.cache.table import Label

READERS, WAITERS = 4, 2
"""Threads for reads and writes; and for each of what waits for other processes, and for the disk."""
TOUCH_SECONDS = 60.0
"""How seldom the use of an entry is written to the disk."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Statistics:
    """The cache as it is, and what has happened since it was started."""

    entries: int
    bytes: int
    """On the disk, with what is being recorded and what was left to be resumed."""
    max_bytes: int
    hits: int
    misses: int
    evictions: int
    corrupt: int
    """Entries dropped because the disk did not give back what was written."""


class Cache:
    """Verified files on disk: bounded in bytes, least recently used out first, safe against any kill.

    Several processes may use one folder. Nothing blocks the event loop.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = Folder(folder)
        self._ledger = Ledger(self._folder, max_bytes)
        self._quick = ThreadPoolExecutor(READERS, "xet-cache")
        self._slow = ThreadPoolExecutor(WAITERS, "xet-cache-folder")
        self._syncing = ThreadPoolExecutor(WAITERS, "xet-cache-sync")
        self._keeper = DiskKeeper(self._ledger, self._quick, self._slow, self._syncing)
        self._hits = self._misses = self._corrupt = 0

    async def start(self) -> None:
        """Find what is there, and bring it below the bound. Raises UnsafeFolder, OSError."""
        await self._run(self._slow, self._start)

    async def close(self) -> None:
        """Wait for what is being written, and free everything; after the flights have been closed."""
        await asyncio.to_thread(self._shut)

    async def open(self, file_hash: str, *, counted: bool = True) -> CachedFile | None:
        """A complete file, kept from eviction until it is closed; None where there is none.

        A hit or a miss where ``counted``. Raises ValueError for a hash that is none.
        """
        self._ledger.pin(file_hash, complete=True)
        found: tuple[Label, Descriptor] | None = None
        try:
            found = await self._whole(self._quick, self._open, lambda found: found[1].close(), file_hash)
        finally:
            if found is None:
                self._ledger.unpin(file_hash, complete=True)
        if found is None:
            self._misses += counted
            return None
        self._hits += counted
        label, data = found
        with data.held() as number:
            inode = os.fstat(number).st_ino
        return CachedFile(
            label, data, self._quick,
            damaged=lambda: self._run(self._slow, self._drop, file_hash, inode),
            closed=lambda: self._ledger.unpin(file_hash, complete=True),
        )  # fmt: skip

    async def record(self, file_hash: str, size: int) -> Recording | None:
        """The one writer of a file of this size in bytes.

        None where it does not fit, where the disk is full, or where another writer is at work, also in
        another process. It is to be ended by its commit, suspend or abandon, and then closed. Raises
        ValueError for a hash that is none.
        """
        if size <= 0 or reserved(size) > self._ledger.max_bytes:
            return None
        with suppress(OSError):
            return await self._whole(self._slow, self._keeper.begin, self._put_back, file_hash, size)
        return None

    def holds(self, file_hash: str) -> bool:
        """Whether a complete file of this hash is likely here: as last seen, without a look at the disk."""
        return self._ledger.has(file_hash)

    def has_begun(self, file_hash: str, size: int, offset: int) -> bool:
        """Whether an interrupted recording of a file of this size has likely come past an offset."""
        left = self._ledger.left(file_hash)
        # What another process is recording now counts as if it were whole.
        return offset < left < reserved(size) <= self._ledger.max_bytes

    def statistics(self) -> Statistics:
        """The figures as last seen, without a look at the disk."""
        ledger = self._ledger
        return Statistics(
            len(ledger.items(complete=True)), ledger.bytes, ledger.max_bytes,
            self._hits, self._misses, ledger.evictions, self._corrupt,
        )  # fmt: skip

    async def entries(self) -> list[Item]:
        """The complete files, the least recently used first. Raises OSError."""
        return await self._run(self._slow, self._entries)

    async def prune(self, max_bytes: int) -> None:
        """Evict what was least recently used until no more bytes are left. Raises OSError."""
        await self._run(self._slow, self._prune, max_bytes)

    async def clear(self) -> None:
        """Delete everything that is not being recorded. Open files stay readable. Raises OSError."""
        await self._run(self._slow, self._clear)

    async def remove(self, file_hash: str) -> bool:
        """Delete one file; whether there was one. Raises ValueError for a hash that is none, OSError."""
        return await self._run(self._slow, self._remove, file_hash)

    async def _run(self, pool: Executor, work: Callable[..., Value], *arguments: object) -> Value:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    async def _whole(
        self,
        pool: Executor,
        work: Callable[..., Value | None],
        undo: Callable[[Value], None],
        *arguments: object,
    ) -> Value | None:
        """What a thread makes; undone where nobody waits for it any more."""
        making = asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.wait([making])
            if making.exception() is None and (made := making.result()) is not None:
                undo(made)
            raise

    def _put_back(self, recording: Recording) -> None:
        self._slow.submit(self._keeper.suspend, recording).add_done_callback(lambda _: recording.close())

    def _start(self) -> None:
        self._folder.prepare()
        self._keeper.trim()
        with self._ledger.transaction():
            self._ledger.make_room(0)

    def _shut(self) -> None:
        for pool in (self._quick, self._syncing, self._slow):
            pool.shutdown()
        self._ledger.close()

    def _open(self, file_hash: str) -> tuple[Label, Descriptor] | None:
        path = self._folder.entry(file_hash)
        try:
            number = open_file(path, os.O_RDONLY)
        except OSError:
            self._ledger.forget(file_hash, complete=True)
            return None
        data = Descriptor(number)
        stat = os.fstat(number)
        with suppress(OSError):
            if (label := label_of(number, file_hash)) is not None:
                self._touch(number, file_hash, stat)
                return label, data
        data.close()
        self._drop(file_hash, stat.st_ino)
        return None

    def _touch(self, number: int, file_hash: str, stat: os.stat_result) -> None:
        """Make it the most recently used."""
        if time.time() - stat.st_mtime > TOUCH_SECONDS:
            with suppress(OSError):
                os.utime(number)
        self._ledger.put(file_hash, stat.st_size, complete=True)
        if os.fstat(number).st_nlink == 0:  # deleted since it was opened, so that it must not be counted
            self._ledger.forget(file_hash, complete=True)

    def _drop(self, file_hash: str, inode: int) -> None:
        """Delete a damaged entry, unless another one has taken its place."""
        with suppress(OSError), self._ledger.transaction():
            if self._folder.entry(file_hash).stat().st_ino == inode:
                self._ledger.delete(file_hash, complete=True)
                self._corrupt += 1

    def _entries(self) -> list[Item]:
        with self._ledger.transaction():
            return self._ledger.items(complete=True)

    def _prune(self, max_bytes: int) -> None:
        with self._ledger.transaction():
            self._ledger.make_room(0, max_bytes)

    def _clear(self) -> None:
        with self._ledger.transaction():
            for complete in (True, False):
                for item in self._ledger.items(complete=complete):
                    self._ledger.delete(item.file_hash, complete=complete)

    def _remove(self, file_hash: str) -> bool:
        with self._ledger.transaction():
            present = self._folder.entry(file_hash).exists()
            self._ledger.delete(file_hash, complete=True)
            self._ledger.delete(file_hash, complete=False)
        return present
