"""Consecutive chunks of a file, their content in one piece: what is decoded, recorded and sent together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offing.xet.engine.chunks import Chunk
    from offing.xet.engine.verify import Leaf


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive chunks."""

    content: bytes
    leaves: list[Leaf]
    """Hash and length of each chunk."""

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> Batch:
        """Chunks put together."""
        several = list(chunks)
        content = b"".join([chunk.content for chunk in several])
        return cls(content, [(chunk.digest, len(chunk.content)) for chunk in several])

    def part(self, first: int, end: int) -> Batch:
        """Some of its chunks, counted from its first."""
        if first == 0 and end >= len(self.leaves):
            return self
        begin = sum(length for _, length in self.leaves[:first])
        leaves = self.leaves[first:end]
        return Batch(self.content[begin : begin + sum(length for _, length in leaves)], leaves)
