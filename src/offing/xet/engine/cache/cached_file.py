"""A complete entry, open for reading."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import aclosing

from offing.xet.engine.cache.content import Content, CorruptEntry, pieces
from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.table import LABEL_BYTES, RECORD_BYTES, Label, read_label


class CachedFile:
    """Made by :meth:`Cache.open`; stays readable until closed, also when the entry leaves the cache.

    ``damaged`` is called, once, where the disk gives back something else than was written.
    """

    def __init__(
        self, label: Label, data: Descriptor, pool: Executor, *,
        damaged: Callable[[], Awaitable[None]], closed: Callable[[], None],
    ) -> None:  # fmt: skip
        self.file_hash = label.file_hash
        self.size = label.size
        """Bytes of content."""
        self.chunks = label.chunks
        self.content = Content(data, data, label.size, label.chunks)
        self._pool = pool
        self._damaged = damaged
        self._closed: Callable[[], None] | None = closed

    async def read(self, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes of a range in pieces of at most about 1 MiB, each checked against the chunk table.

        Raises :class:`CorruptEntry` where the disk is damaged; the entry is then gone, and what was handed
        out before is right. Raises Closed after :meth:`close`.
        """
        end = self.size if end is None else min(end, self.size)
        try:
            async with aclosing(pieces(self.content, self._pool, start, end)) as checked:
                async for piece in checked:
                    yield piece
        except CorruptEntry:
            await self._damaged()
            raise

    async def table(self) -> bytes:
        """The label and the whole chunk table, not checked. Raises OSError, Closed."""
        loop = asyncio.get_running_loop()
        length = self.chunks * RECORD_BYTES
        records = await loop.run_in_executor(self._pool, self.content.data.read, length, self.size)
        return Label(self.file_hash, self.size, self.chunks).pack() + records

    def close(self) -> None:
        """Let it go; idempotent."""
        self.content.data.close()
        if self._closed is not None:
            self._closed()
            self._closed = None


def label_of(descriptor: int, file_hash: str) -> Label | None:
    """The label at the end of an entry, or None where it is not that of this file. Raises OSError."""
    length = os.fstat(descriptor).st_size
    if length < LABEL_BYTES:
        return None
    label = read_label(os.pread(descriptor, LABEL_BYTES, length - LABEL_BYTES), file_hash)
    if label is None or label.size + label.chunks * RECORD_BYTES + LABEL_BYTES != length:
        return None
    return label
