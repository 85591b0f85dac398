"""Consecutive chunks of a file, their content in one piece: what is decoded, recorded and sent together."""

from __future__ import annotations

from dataclasses import dataclass

from offing.xet.engine.hashes import chunk_hashes
from offing.xet.engine.nodes import Nodes
from offing.xet.engine.unpack import unpack


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive chunks."""

    content: bytes
    leaves: Nodes
    """Hash and length of each chunk."""

    @classmethod
    def decoded(cls, data: memoryview, *, most: int, address: int | None = None) -> tuple[Batch, int]:
        """Every whole chunk at the start of some bytes, up to 1024, and how many bytes those take.

        No more chunks than have ``most`` bytes of content together, but one at least. Raises
        :class:`~offing.xet.engine.chunks.BadChunk`.

        :param address: where in memory the bytes begin, if it is known.
        """
        content, lengths, packed = unpack(data, most, address)
        return cls(content, Nodes(chunk_hashes(content, lengths), lengths)), packed

    def part(self, first: int, end: int) -> Batch:
        """Some of its chunks, counted from its first."""
        if first == 0 and end >= len(self.leaves):
            return self
        begin, leaves = sum(self.leaves.sizes[:first]), self.leaves.part(first, end)
        return Batch(self.content[begin : begin + sum(leaves.sizes)], leaves)
