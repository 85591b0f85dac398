"""Consecutive chunks of a file, their content in one piece: what is decoded, recorded and sent together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offing.xet.engine.hashes import chunk_hashes
from offing.xet.engine.unpack import unpack

if TYPE_CHECKING:
    from offing.xet.engine.verify import Leaf


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive chunks."""

    content: bytes
    leaves: list[Leaf]
    """Hash and length of each chunk."""

    @classmethod
    def decoded(cls, data: memoryview, *, most: int) -> tuple[Batch, int]:
        """Every whole chunk at the start of some bytes, up to 1024, and how many bytes those take.

        No more chunks than have ``most`` bytes of content together, but one at least. Raises
        :class:`~offing.xet.engine.chunks.BadChunk`.
        """
        content, lengths, packed = unpack(data, most)
        return cls(content, [*zip(chunk_hashes(content, lengths), lengths, strict=True)]), packed

    def part(self, first: int, end: int) -> Batch:
        """Some of its chunks, counted from its first."""
        if first == 0 and end >= len(self.leaves):
            return self
        begin = sum(length for _, length in self.leaves[:first])
        leaves = self.leaves[first:end]
        return Batch(self.content[begin : begin + sum(length for _, length in leaves)], leaves)
