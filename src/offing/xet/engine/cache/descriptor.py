"""A file descriptor that several threads use: it is closed when the last of them is done with it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

MOST_BUFFERS = 512
"""In one call; POSIX lets a system stop at 1024."""


class Closed(Exception):  # noqa: N818  what it is says more
    """The descriptor was closed."""


class Descriptor:
    """An open file. A number that was closed too early would name somebody else's file."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._lock = threading.Lock()
        self._users = 1
        self._open = True

    @contextmanager
    def held(self) -> Iterator[int]:
        """The number, open until the end of the block. Raises :class:`Closed`."""
        with self._lock:
            if not self._open:
                raise Closed
            self._users += 1
        try:
            yield self._number
        finally:
            self._leave()

    def close(self) -> None:
        """Close it once no block holds it; idempotent."""
        with self._lock:
            was_open, self._open = self._open, False
        if was_open:
            self._leave()

    def read(self, length: int, offset: int) -> bytes:
        """Bytes at an offset, fewer where the file ends before. Raises OSError, :class:`Closed`."""
        with self.held() as number:
            data = os.pread(number, length, offset)
            while len(data) < length and (more := os.pread(number, length - len(data), offset + len(data))):
                data += more
        return data

    def write(self, buffers: Sequence[bytes | memoryview], offset: int) -> None:
        """Write all of some buffers one after the other at an offset. Raises OSError, :class:`Closed`."""
        left = [memoryview(each) for each in buffers]
        with self.held() as number:
            while left:
                written = os.pwritev(number, left[:MOST_BUFFERS], offset)
                offset += written
                left = _after(left, written)

    def _leave(self) -> None:
        with self._lock:
            self._users -= 1
            unused = not self._users
        if unused:
            os.close(self._number)


def _after(buffers: list[memoryview], written: int) -> list[memoryview]:
    """What is left to write."""
    for place, buffer in enumerate(buffers):
        if written < len(buffer):
            return [buffer[written:], *buffers[place + 1 :]]
        written -= len(buffer)
    return []
