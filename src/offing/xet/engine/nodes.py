"""Nodes of a Merkle tree that stand in a row: the chunks of a file, or what is above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from offing.xet.engine.hashes import HASH_BYTES


@dataclass(slots=True)
class Nodes:
    """Some nodes. They are kept in columns: most of what is done with them is done with all at once."""

    digests: bytes
    """Their hashes, 32 bytes each, one after the other."""
    sizes: list[int]
    """The bytes of content below each; the length of a chunk."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, int]]) -> Self:
        """Nodes given by hash and size."""
        rows = list(pairs)
        return cls(b"".join([digest for digest, _ in rows]), [size for _, size in rows])

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Hash and size of each."""
        starts = range(0, len(self.digests), HASH_BYTES)
        return zip((self.digests[each : each + HASH_BYTES] for each in starts), self.sizes, strict=True)

    def part(self, first: int, end: int | None = None) -> Nodes:
        """Some of them, counted from the first."""
        end = len(self) if end is None else end
        return Nodes(self.digests[first * HASH_BYTES : end * HASH_BYTES], self.sizes[first:end])
