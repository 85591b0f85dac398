"""Where each chunk of a xorb begins and ends, and its hash: made once, kept beside the xorb."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from offing.xet.engine.chunks import HEADER_BYTES, BadChunk, decompress, read_header
from offing.xet.engine.hashes import HASH_BYTES, chunk_hash
from offing.xet.engine.merkle import MerkleTree

_HEAD = struct.Struct("<8sII")
_MAGIC = b"xorbidx1"
_FOOTER = b"XETBLOB"
"""Some uploaders write an index of their own after the chunks; it is not kept."""
MOST_CHUNKS = 1 << 17

Offsets = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class XorbIndex:
    """The chunks of one xorb."""

    stored: Offsets
    """Where each begins in the file, and where the last ends: one more than there are chunks."""
    plain: Offsets
    """Likewise in the unpacked content."""
    digests: bytes
    """Their hashes, one after the other."""

    @property
    def count(self) -> int:
        """How many chunks there are."""
        return len(self.stored) - 1

    def digest(self, chunk: int) -> bytes:
        """The hash of a chunk."""
        return self.digests[chunk * HASH_BYTES : (chunk + 1) * HASH_BYTES]

    def unpacked(self, start: int, end: int) -> int:
        """Bytes of content in chunks [start, end)."""
        return int(self.plain[end]) - int(self.plain[start])

    def stored_range(self, start: int, end: int) -> tuple[int, int]:
        """First and last byte in the file of chunks [start, end)."""
        return int(self.stored[start]), int(self.stored[end]) - 1

    def encode(self) -> bytes:
        """As it is kept."""
        head = _HEAD.pack(_MAGIC, self.count, 0)
        return b"".join((head, self.stored.tobytes(), self.plain.tobytes(), self.digests))


def read_index(place: Path) -> XorbIndex | None:
    """The kept index; none where it is missing or not whole."""
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < _HEAD.size:
        return None
    magic, count, _ = _HEAD.unpack_from(data)
    offsets = (count + 1) * 4
    if magic != _MAGIC or len(data) != _HEAD.size + 2 * offsets + count * HASH_BYTES:
        return None
    stored = np.frombuffer(data, "<u4", count + 1, _HEAD.size)
    plain = np.frombuffer(data, "<u4", count + 1, _HEAD.size + offsets)
    return XorbIndex(stored, plain, data[_HEAD.size + 2 * offsets :])


def scan(place: Path) -> tuple[XorbIndex, bytes]:
    """The index of a xorb file and the xorb's hash, from every chunk decoded. Raises :class:`BadChunk`."""
    with place.open("rb") as file:
        if not place.stat().st_size:
            raise BadChunk("A xorb without a chunk.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as data:
            return _scan(data)


def _scan(data: memoryview) -> tuple[XorbIndex, bytes]:
    stored, plain, digests, tree = [0], [0], bytearray(), MerkleTree()
    place = 0
    while place < len(data) and data[place : place + len(_FOOTER)] != _FOOTER:
        if place + HEADER_BYTES > len(data) or len(stored) > MOST_CHUNKS:
            raise BadChunk("A xorb that ends within a header, or has too many chunks.")
        header = read_header(data, place)
        following = place + HEADER_BYTES + header.compressed
        if following > len(data):
            raise BadChunk("A xorb that ends within a chunk.")
        with data[place + HEADER_BYTES : following] as packed:
            content = decompress(packed, header)
            digest = chunk_hash(content)
            del content
        tree.add(digest, header.length)
        digests += digest
        stored.append(following)
        plain.append(plain[-1] + header.length)
        place = following
    if len(stored) == 1:
        raise BadChunk("A xorb without a chunk.")
    if plain[-1] >= 1 << 32:
        raise BadChunk("A xorb of too much content.")
    index = XorbIndex(np.array(stored, "<u4"), np.array(plain, "<u4"), bytes(digests))
    return index, tree.root()
