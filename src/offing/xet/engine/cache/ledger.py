"""What lies in the cache's folder, how much of the disk it takes, and what leaves first.

The folder is the truth. The index in memory is read from it at the start and whenever another process
changed something; the time at which an entry was last used is its file's modification time.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from offing.xet.engine.cache.folder_lock import FolderLock, claim
from offing.xet.engine.cache.layout import Folder, listed, open_file
from offing.xet.engine.cache.table import LABEL_BYTES, RECORD_BYTES

BLOCK = 4096
MOST_ENTRIES = 100_000
"""The index takes about 300 bytes of memory for each."""
USUAL_CHUNK = 16 * 1024
DISK_SPARE = 64 << 20
"""Bytes of the disk that a recording leaves free."""
LATER = 1.0
"""Seconds by which a file's time must differ to say that another process used it."""


@dataclass(slots=True)
class Item:
    """A complete entry, or (not complete) one that is or was being recorded."""

    file_hash: str
    complete: bool
    bytes: int
    """What it is counted as: whole blocks of the disk."""
    used: float
    """Seconds since the epoch."""


Key = tuple[bool, str]
"""Complete or not, and the hash."""


class Ledger:
    """The index and the bound. What changes the folder does it inside :meth:`transaction`."""

    def __init__(self, folder: Folder, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self.evictions = 0
        self._lock = FolderLock(folder.lock)
        self._guard = threading.Lock()
        """Held for moments only: also by the event loop's thread."""
        self._items: OrderedDict[Key, Item] = OrderedDict()
        self._bytes = 0
        self._pins: Counter[Key] = Counter()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The folder to oneself, the index as the folder is. Blocking. Raises OSError."""
        with self._lock.held() as stale:
            if stale:
                self._scan()
            yield

    def announce(self) -> None:
        """Say that the folder changes, within a transaction and before the change."""
        self._lock.announce()

    def close(self) -> None:
        """Give the lock file back."""
        self._lock.close()

    @property
    def bytes(self) -> int:
        """What everything is counted as."""
        return self._bytes

    def items(self, *, complete: bool) -> list[Item]:
        """The complete entries, or the others; the least recently used first."""
        with self._guard:
            return [item for item in self._items.values() if item.complete == complete]

    def has(self, file_hash: str) -> bool:
        """Whether the index names a complete entry."""
        return (True, file_hash) in self._items

    def left(self, file_hash: str) -> int:
        """About how many bytes of a file an earlier recording has left; 0 while one is under way here."""
        with self._guard:
            item = self._items.get((False, file_hash))
            return 0 if item is None or (False, file_hash) in self._pins else item.bytes

    def pin(self, file_hash: str, *, complete: bool) -> None:
        """Keep from eviction until unpinned as often."""
        with self._guard:
            self._pins[complete, file_hash] += 1

    def unpin(self, file_hash: str, *, complete: bool) -> None:
        """Undo one pin."""
        with self._guard:
            self._pins[complete, file_hash] -= 1
            if self._pins[complete, file_hash] <= 0:
                del self._pins[complete, file_hash]

    def put(self, file_hash: str, size: int, *, complete: bool, used: float | None = None) -> None:
        """Count a file of some bytes, instead of what was counted for it, as the most recently used."""
        item = Item(file_hash, complete, counted(size), time.time() if used is None else used)
        with self._guard:
            self._forget((complete, file_hash))
            self._items[complete, file_hash] = item
            self._bytes += item.bytes

    def forget(self, file_hash: str, *, complete: bool) -> None:
        """Count it no more."""
        with self._guard:
            self._forget((complete, file_hash))

    def delete(self, file_hash: str, *, complete: bool) -> bool:
        """Take a file from the disk and the index, within a transaction. False while it is recorded."""
        if complete:
            self.announce()
            self.folder.entry(file_hash).unlink(missing_ok=True)
        elif not self._delete_recording(file_hash):
            return False
        self.forget(file_hash, complete=complete)
        return True

    def make_room(self, size: int, most: int | None = None) -> bool:
        """Evict until some more bytes fit below the bound and on the disk, within a transaction.

        False where they cannot; then nothing is evicted. ``most`` stands for the bound where given.
        """
        bound = self.max_bytes if most is None else most
        free = shutil.disk_usage(self.folder.root).free - DISK_SPARE
        excess = max(self._bytes + size - bound, size - free if size else 0)
        if size and excess > 0 and excess > sum(item.bytes for item in self._loose()):
            return False
        return self.evict(excess, len(self._items) - MOST_ENTRIES + (size > 0))

    def evict(self, excess: int, crowd: int = 0) -> bool:
        """Evict that many bytes and that many entries, within a transaction; whether so many bytes went."""
        for item in self._loose() if excess > 0 or crowd > 0 else ():
            if excess <= 0 and crowd <= 0:
                break
            if not self._used_elsewhere(item) and self.delete(item.file_hash, complete=item.complete):
                excess, crowd = excess - item.bytes, crowd - 1
                self.evictions += 1
        return excess <= 0

    def _loose(self) -> list[Item]:
        """What may be evicted, the least recently used first."""
        with self._guard:
            return [item for key, item in self._items.items() if key not in self._pins]

    def _used_elsewhere(self, item: Item) -> bool:
        """Whether another process used it lately; if so it is the most recently used from now on."""
        if not item.complete:
            return False
        with suppress(OSError):
            used = min(self.folder.entry(item.file_hash).stat().st_mtime, time.time())
            if used > item.used + LATER:
                self.put(item.file_hash, item.bytes, complete=True, used=used)
                return True
        return False

    def _delete_recording(self, file_hash: str) -> bool:
        with suppress(FileNotFoundError):
            part = open_file(self.folder.part(file_hash), os.O_RDWR)
            try:
                if not claim(part):
                    return False
                self.announce()
                self.folder.part(file_hash).unlink(missing_ok=True)
            finally:
                os.close(part)
        self.folder.journal(file_hash).unlink(missing_ok=True)
        return True

    def _scan(self) -> None:
        """Read the folder; journals that lost their content go."""
        now = time.time()
        found = [Item(name, True, counted(stat.st_size), min(stat.st_mtime, now))
                 for name, stat in listed(self.folder.entries)]  # fmt: skip
        parts = [Item(name, False, counted(reserved(stat.st_size)), min(stat.st_mtime, now))
                 for name, stat in listed(self.folder.incoming, ".part")]  # fmt: skip
        for name in {name for name, _ in listed(self.folder.incoming, ".journal")} - {
            p.file_hash for p in parts
        }:
            self.folder.journal(name).unlink(missing_ok=True)
        with self._guard:
            known = {key: item.used for key, item in self._items.items()}
            for item in found:
                item.used = max(item.used, known.get((True, item.file_hash), 0.0))
            ordered = sorted(found + parts, key=lambda item: item.used)
            self._items = OrderedDict(((item.complete, item.file_hash), item) for item in ordered)
            self._bytes = sum(item.bytes for item in ordered)

    def _forget(self, key: Key) -> None:
        if (item := self._items.pop(key, None)) is not None:
            self._bytes -= item.bytes


def counted(size: int) -> int:
    """Bytes of a file as the disk counts them."""
    return -(-max(size, 1) // BLOCK) * BLOCK


def reserved(size: int) -> int:
    """Bytes that a file of this size takes with its table, as far as can be known before."""
    return size + (size // USUAL_CHUNK + 1) * RECORD_BYTES + LABEL_BYTES
