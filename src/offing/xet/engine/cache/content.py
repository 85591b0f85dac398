"""Content that lies in a file beside its chunk table, read so that no byte leaves unchecked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from dataclasses import dataclass

from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.table import RECORD, RECORD_BYTES, Record, unpack_records
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.hashes import chunk_hash

PIECE_BYTES = (1 << 20) - LARGEST_CHUNK
"""A piece ends with the first chunk that reaches it."""
RECORDS_AT_ONCE = 64


class CorruptEntry(Exception):  # noqa: N818  what it is says more
    """What lies on the disk is no longer what was written.

    ``offset`` is where good content ends: everything before it was handed out and is right.
    """

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(f"The cached content is damaged at byte {offset}.")


@dataclass(slots=True)
class Place:
    """A chunk: its number, and the offset at which it starts."""

    chunk: int
    start: int


class Content:
    """Content in one file and its records in the same or another one; blocking, for worker threads.

    A damaged record needs no check of its own: the chunk that it describes does not match it.
    """

    def __init__(self, data: Descriptor, table: Descriptor, table_offset: int, chunks: int = 0) -> None:
        self.data = data
        self.table = table
        self.table_offset = table_offset
        self.chunks = chunks
        """How many there are; grows while content is recorded."""

    def find(self, offset: int) -> Place:
        """The chunk that has the byte at an offset. Raises :class:`CorruptEntry`, Closed."""
        first, last = 0, self.chunks
        while first < last:
            middle = (first + last) // 2
            if self._end_of(middle, offset) <= offset:
                first = middle + 1
            else:
                last = middle
        start = self._end_of(first - 1, offset) if first else 0
        if first == self.chunks or start > offset:
            raise CorruptEntry(offset)
        return Place(first, start)

    def read(self, place: Place, most: int) -> bytes:
        """Whole good chunks from a place on, about ``most`` bytes and at least one; the place moves behind.

        Raises :class:`CorruptEntry` where the first is not good, Closed.
        """
        try:
            records = self._records(place, most)
            data = self.data.read(records[-1][1] - place.start, place.start) if records else b""
        except OSError as error:
            raise CorruptEntry(place.start) from error
        good, chunks = _matching(data, records, place.start)
        if not good:
            raise CorruptEntry(place.start)
        place.chunk += chunks
        place.start += good
        return data if good == len(data) else data[:good]

    def records(self, chunk: int, count: int) -> list[Record]:
        """Some records, fewer where there are no more. Raises OSError, Closed."""
        count = min(count, self.chunks - chunk)
        return list(unpack_records(self._table_bytes(chunk, count)))

    def _records(self, place: Place, most: int) -> list[Record]:
        """Those of the next piece; none after a record that cannot be true."""
        chosen: list[Record] = []
        end = place.start
        for record in self.records(place.chunk, RECORDS_AT_ONCE):
            if not 0 < record[1] - end <= LARGEST_CHUNK or end - place.start >= most:
                break
            chosen.append(record)
            end = record[1]
        return chosen

    def _end_of(self, chunk: int, offset: int) -> int:
        data = self._table_bytes(chunk, 1)
        if len(data) != RECORD_BYTES:
            raise CorruptEntry(offset)
        end: int = RECORD.unpack(data)[1]
        return end

    def _table_bytes(self, chunk: int, count: int) -> bytes:
        return self.table.read(count * RECORD_BYTES, self.table_offset + chunk * RECORD_BYTES)


def _matching(data: bytes, records: list[Record], offset: int) -> tuple[int, int]:
    """How many bytes, and how many chunks, at the start of a piece are what their records say."""
    view, start = memoryview(data), 0
    for number, (digest, end) in enumerate(records):
        if chunk_hash(view[start : end - offset]) != digest:
            return start, number
        start = end - offset
    return start, len(records)


async def pieces(content: Content, pool: Executor, start: int, end: int) -> AsyncGenerator[bytes]:
    """The bytes of a range in pieces of about 1 MiB, each checked, one read ahead of the caller.

    Raises :class:`CorruptEntry` after the last good piece, Closed.
    """
    if start >= end:
        return
    loop = asyncio.get_running_loop()
    place = await loop.run_in_executor(pool, content.find, start)
    at = place.start
    ahead = loop.run_in_executor(pool, content.read, place, min(end - at, PIECE_BYTES))
    try:
        while at < end:
            piece = await ahead
            following = at + len(piece)
            if following < end:
                ahead = loop.run_in_executor(pool, content.read, place, min(end - following, PIECE_BYTES))
            if at < start or following > end:
                piece = piece[max(0, start - at) : end - at]
            at = following
            yield piece
    finally:
        ahead.cancel()
        if ahead.done() and not ahead.cancelled():
            ahead.exception()  # nobody asks for it any more
