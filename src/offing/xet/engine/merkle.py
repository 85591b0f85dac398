"""The Merkle tree over the chunks of a file or a xorb.

Source: draft-denis-xet, section "Merkle Trees".
"""

from __future__ import annotations

from blake3 import blake3

from offing.xet.engine.hashes import HASH_BYTES, NODE_KEY, ZERO_KEY, keyed_hashes
from offing.xet.engine.nodes import Nodes
from offing.xet.engine.parents import MOST_CHILDREN, parents

GATHERED = 128
"""Nodes without a parent that a level waits for: a few at a time cost three times as much."""


class MerkleTree:
    """The tree over the chunks of a file or a xorb, built from left to right.

    Each level holds only the nodes that have no parent yet, some hundreds of them, so that memory does
    not grow with the file.
    """

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self.size = 0
        """Bytes of content so far."""

    def add(self, digest: bytes, size: int) -> None:
        """Append a chunk: its hash, and its size in bytes."""
        self.extend(Nodes(digest, [size]))

    def extend(self, nodes: Nodes) -> None:
        """Append chunks."""
        if not nodes:
            return
        self.size += sum(nodes.sizes)
        self._put(0, nodes)

    def root(self) -> bytes:
        """The hash of the root, which ends the tree; 32 zero bytes where there is no chunk."""
        height = 0
        while height < len(self._levels):
            level = self._levels[height]
            if level.seen == 1:
                return bytes(level.digests)
            self._put(height + 1, level.take(1))
            height += 1
        return bytes(HASH_BYTES)

    def file_hash(self) -> bytes:
        """The hash by which a file with these chunks is known."""
        return blake3(self.root(), key=ZERO_KEY).digest()

    def _put(self, height: int, nodes: Nodes) -> None:
        if height == len(self._levels):
            self._levels.append(_Level())
        level = self._levels[height]
        level.seen += len(nodes)
        level.digests += nodes.digests
        level.sizes += nodes.sizes
        if len(level.sizes) >= GATHERED:
            # As many as a parent can have are enough to know where it ends.
            self._put(height + 1, level.take(MOST_CHILDREN))


class _Level:
    def __init__(self) -> None:
        self.seen = 0
        self.digests = bytearray()
        self.sizes: list[int] = []
        """Of the nodes that wait for a parent, as are the digests."""

    def take(self, least: int) -> Nodes:
        """Make parents of the first nodes while there are at least so many."""
        found = parents(Nodes(bytes(self.digests), self.sizes), least)
        del self.digests[: found.end * HASH_BYTES], self.sizes[: found.end]
        return Nodes(keyed_hashes(NODE_KEY, found.texts, found.lengths), found.sizes)
