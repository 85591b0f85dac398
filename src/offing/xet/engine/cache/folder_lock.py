"""The lock on the cache's folder, between threads and between processes.

The lock file holds a number that grows with every change, so that a process sees when another one changed
something. A killed process gives its lock back; what it had announced is looked at again by the others.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offing.xet.engine.cache.layout import open_file

_NUMBER = struct.Struct("<Q")


class FolderLock:
    """Held by one thread of one process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file = -1
        self._seen = -1

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; gives whether others changed the folder since (true at first). Raises OSError."""
        with self._threads:
            if self._file < 0:
                self._file = open_file(self._path, os.O_RDWR | os.O_CREAT)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                number = self._number()
                stale, self._seen = number != self._seen, number
                yield stale
            except BaseException:  # what was begun may be half done: the next one looks at everything anew
                self._seen = -1
                raise
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def announce(self) -> None:
        """Say, before the change, that the folder changes; only while the lock is held. Raises OSError."""
        self._seen = self._number() + 1
        os.pwrite(self._file, _NUMBER.pack(self._seen), 0)

    def close(self) -> None:
        """Give the lock file back."""
        with self._threads:
            if self._file >= 0:
                os.close(self._file)
            self._file = self._seen = -1

    def _number(self) -> int:
        data = os.pread(self._file, _NUMBER.size, 0)
        number: int = _NUMBER.unpack(data)[0] if len(data) == _NUMBER.size else 0
        return number


def claim(descriptor: int) -> bool:
    """Whether an open file is now ours to write, until it is closed or let go."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def let_go(descriptor: int) -> None:
    """Give a claimed file to whoever wants it."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
