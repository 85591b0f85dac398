"""Chunk tables: for each chunk of a file its hash and where it ends.

A record is 40 bytes, little-endian: the chunk's hash (32), the offset in the file at which it ends (u64).
A complete entry ends with a trailer of 64 bytes: magic (8), the file's size (u64), number of chunks (u64),
the file's hash (32), and the first 8 bytes of the trailer's own BLAKE3. A journal, and a table in a bucket,
start with the same 64 bytes; a journal counts no chunks there, its length tells.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from blake3 import blake3

from offing.xet.engine.hashes import from_text

MAGIC = b"offxet\x00\x01"
RECORD = struct.Struct("<32sQ")
RECORD_BYTES = RECORD.size
_LABEL = struct.Struct("<8sQQ32s8s")
LABEL_BYTES = _LABEL.size
FEWEST_BYTES = 1024
"""Of content for each chunk, on average: a table must not outgrow its file."""
SPARE_CHUNKS = 64

Record = tuple[bytes, int]
"""A chunk's hash, and the offset at which it ends."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a table says of its file."""

    file_hash: str
    size: int
    chunks: int

    def pack(self) -> bytes:
        """Its 64 bytes."""
        head = _LABEL.pack(MAGIC, self.size, self.chunks, from_text(self.file_hash), bytes(8))[:-8]
        return head + _check(head)


def read_label(data: bytes, file_hash: str) -> Label | None:
    """The label in 64 bytes, or None where they are no label of this file."""
    if len(data) != LABEL_BYTES:
        return None
    magic, size, chunks, digest, check = _LABEL.unpack(data)
    if magic != MAGIC or digest != from_text(file_hash) or check != _check(data[:-8]):
        return None
    return Label(file_hash, size, chunks)


def pack_records(records: Iterable[Record]) -> bytes:
    """The bytes of some records."""
    return b"".join(RECORD.pack(*each) for each in records)


def unpack_records(data: bytes | memoryview) -> Iterator[Record]:
    """The whole records at the start of some bytes."""
    return RECORD.iter_unpack(memoryview(data)[: len(data) // RECORD_BYTES * RECORD_BYTES])


def most_chunks(size: int) -> int:
    """Of how many chunks a file of this size may be, in bytes, to be kept."""
    return size // FEWEST_BYTES + SPARE_CHUNKS


def _check(head: bytes) -> bytes:
    return blake3(head).digest()[:8]
