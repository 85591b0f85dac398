"""A file that is being written piece by piece, without holding up the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor

from offing.kernel.jobs.folder import Folder

PIECE = 1024 * 1024
"""Bytes that are written, and read, at once."""


class Spool:
    """Used by one task. It is to be kept or discarded.

    :param disk: one thread, in which whatever concerns this file happens in turn.
    :param count: told of each byte more, and, as negative ones, when they count no longer; may refuse.
    :param folder: where the file is.
    """

    def __init__(
        self, name: str, descriptor: int, disk: Executor, count: Callable[[int], None],
        folder: Folder,
    ) -> None:  # fmt: skip
        self.name, self.size = name, 0
        self.kept = False
        """Set once a job has the file."""
        self._descriptor, self._disk = descriptor, disk
        self._count, self._folder = count, folder
        self._held = bytearray()
        self._counted = 0

    async def write(self, data: bytes) -> None:
        """Add bytes. Raises what the count refuses with, OSError."""
        self._count(len(data))
        self._counted += len(data)
        self.size += len(data)
        self._held += data
        if len(self._held) >= PIECE:
            await self._flush()

    async def complete(self) -> None:
        """All is written, and the disk has it. Raises OSError."""
        await self._flush()
        await asyncio.get_running_loop().run_in_executor(self._disk, self._sync)

    def close(self) -> None:
        """Let go of the file; unless a job has it, it is deleted."""
        self._count(-self._counted)
        self._counted = 0
        self._disk.submit(self._end)

    async def _flush(self) -> None:
        data, self._held = self._held, bytearray()
        await asyncio.get_running_loop().run_in_executor(self._disk, _write, self._descriptor, data)

    def _sync(self) -> None:
        os.fsync(self._descriptor)
        self._folder.sync()

    def _end(self) -> None:
        os.close(self._descriptor)
        if not self.kept:
            self._folder.delete(self.name)


def _write(descriptor: int, data: bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
