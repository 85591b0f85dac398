"""Memory that the server and its workers share: uploads on the way in, pixels on the way out.

A file in memory (memfd_create(2)) is handed over by its descriptor; both sides map it, and nothing is
copied. Its size is sealed, for a file that shrinks under a mapping ends whoever reads there. Where the
system has no such files, an unlinked temporary file does the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import tempfile
import weakref

import numpy as np

from offing.ocr.documents.page_source import PixelArray

CHANNELS = 3
KEPT_BYTES = 32 * 1024 * 1024
POPULATE = getattr(mmap, "MAP_POPULATE", 0)
"""Memory that is filled at once is spared a fault for each of its pages."""


def shared_file(size: int) -> int:
    """A descriptor of a file in memory that takes up only what is written; the caller closes it."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    descriptor = os.memfd_create("offing", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, size)
        fcntl.fcntl(
            descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        )
    except BaseException:  # whatever stopped it, nobody else could close the descriptor
        os.close(descriptor)
        raise
    return descriptor


def shared_copy(data: bytes | bytearray) -> int:
    """A descriptor of a file in memory with this content; the caller closes it."""
    descriptor = shared_file(len(data))
    view, written = memoryview(data), 0
    try:
        while written < len(data):
            written += os.pwrite(descriptor, view[written:], written)
    except BaseException:  # whatever stopped it, nobody else could close the descriptor
        os.close(descriptor)
        raise
    return descriptor


def mapped(descriptor: int, size: int) -> mmap.mmap:
    """The first bytes of a shared file, for reading and writing; the descriptor may then be closed."""
    return mmap.mmap(descriptor, size, flags=mmap.MAP_SHARED | POPULATE)


class Canvas:
    """Room for the pixels of one page, mapped here, filled by a worker."""

    def __init__(self, capacity: int) -> None:
        self.file = shared_file(capacity)
        self.memory = mmap.mmap(self.file, capacity)
        self.touched = 0
        """Bytes that were ever written, and so take up memory."""

    def close(self) -> None:
        """Give back the descriptor, and the memory too, or once nothing looks at it any more."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
        with contextlib.suppress(BufferError):  # an array still holds it
            self.memory.close()


class Canvases:
    """Canvases for pages of up to ``pixels`` pixels, used again while they are small.

    Memory that was written before needs no zeroing by the system and is mapped here already: that is
    ten times cheaper than fresh memory, and keeps the process from growing.
    """

    def __init__(self, pixels: int) -> None:
        self._capacity = pixels * CHANNELS
        self._idle: list[Canvas] = []
        self._kept = 0

    def take(self) -> Canvas:
        """A canvas of the caller's own, until :meth:`give_back` or :meth:`pixels`."""
        if not self._idle:
            return Canvas(self._capacity)
        canvas = self._idle.pop()
        self._kept -= canvas.touched
        return canvas

    def give_back(self, canvas: Canvas) -> None:
        """Keep a canvas for another page, or let go of one that takes up much. Safe in any thread."""
        if self._kept + canvas.touched > KEPT_BYTES:
            canvas.close()
            return
        self._kept += canvas.touched
        self._idle.append(canvas)

    def pixels(self, canvas: Canvas, width: int, height: int) -> PixelArray:
        """What a worker painted, shape (height, width, 3); the canvas comes back when nobody holds it."""
        size = width * height * CHANNELS
        canvas.touched = max(canvas.touched, size)
        whole = np.frombuffer(canvas.memory, np.uint8, size)
        # Every view of it holds this array itself, so it lives for as long as any of them.
        weakref.finalize(whole, self.give_back, canvas).atexit = False
        return whole.reshape(height, width, CHANNELS)

    def close(self) -> None:
        """Let go of those that nobody holds; the others are closed as they come back."""
        self._capacity, self._kept = 0, KEPT_BYTES
        while self._idle:
            self._idle.pop().close()
