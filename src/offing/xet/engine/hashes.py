"""Hashes of the Xet protocol: their text form, the keyed BLAKE3 of chunks and nodes, and the file hash.

Source: draft-denis-xet, sections "Hash Functions" and "Merkle Trees".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from blake3 import blake3

DATA_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
ZERO_KEY = bytes(32)
HASH_BYTES = 32
TEXT_LETTERS = 64
MOST_CHILDREN = 9
"""Nodes under one parent; beyond it a parent ends wherever it stands."""

_TEXT = re.compile(r"[0-9a-f]{64}")

Node = tuple[bytes, int]
"""A hash, and the bytes of content below it."""


def to_text(digests: bytes) -> str:
    """The text form of a hash of 32 bytes: four little-endian words of 64 bits, each in hexadecimal.

    Of several hashes, one after the other, their texts one after the other.
    """
    words = len(digests) // 8
    return struct.pack(f">{words}Q", *struct.unpack(f"<{words}Q", digests)).hex()


def from_text(text: str) -> bytes:
    """The hash of a text form. Raises ValueError where it is not 64 lower-case hexadecimal digits."""
    if not _TEXT.fullmatch(text):
        raise ValueError("not a hash")
    return struct.pack("<4Q", *(int(text[place : place + 16], 16) for place in range(0, TEXT_LETTERS, 16)))


def is_text(text: str) -> bool:
    """Whether a text has the form of a hash."""
    return _TEXT.fullmatch(text) is not None


def chunk_hash(content: bytes | bytearray | memoryview) -> bytes:
    """The hash of a chunk's content."""
    return blake3(content, key=DATA_KEY).digest()


class MerkleTree:
    """The tree over the chunks of a file or a xorb, built from left to right.

    Each level holds only the nodes that have no parent yet, fewer than ten of them, so that memory does
    not grow with the file.
    """

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self.size = 0
        """Bytes of content so far."""

    def add(self, digest: bytes, size: int) -> None:
        """Append a chunk: its hash, and its size in bytes."""
        self.extend([(digest, size)])

    def extend(self, nodes: Sequence[Node]) -> None:
        """Append chunks."""
        self.size += sum([size for _, size in nodes])
        self._put(0, nodes)

    def root(self) -> bytes:
        """The hash of the root, which ends the tree; 32 zero bytes where there is no chunk."""
        height = 0
        while height < len(self._levels):
            level = self._levels[height]
            if level.seen == 1:
                return level.waiting[0][0]
            self._put(height + 1, level.take(1))
            height += 1
        return bytes(HASH_BYTES)

    def file_hash(self) -> bytes:
        """The hash by which a file with these chunks is known."""
        return blake3(self.root(), key=ZERO_KEY).digest()

    def _put(self, height: int, nodes: Sequence[Node]) -> None:
        if height == len(self._levels):
            self._levels.append(_Level())
        level = self._levels[height]
        level.seen += len(nodes)
        level.waiting += nodes
        # As many as a parent can have are enough to know where it ends.
        if len(level.waiting) >= MOST_CHILDREN:
            self._put(height + 1, level.take(MOST_CHILDREN))


class _Level:
    def __init__(self) -> None:
        self.seen = 0
        self.waiting: list[Node] = []

    def take(self, least: int) -> list[Node]:
        """Make parents of the first nodes while there are at least so many."""
        parents, place, nodes = [], 0, self.waiting
        while len(nodes) - place >= least:
            end = place + _children(nodes, place)
            parents.append(_parent(nodes[place:end]))
            place = end
        del nodes[:place]
        return parents


def _parent(nodes: list[Node]) -> Node:
    text = to_text(b"".join([digest for digest, _ in nodes]))
    sizes = [size for _, size in nodes]
    lines = [
        f"{text[place : place + TEXT_LETTERS]} : {size}\n"
        for place, size in zip(range(0, len(text), TEXT_LETTERS), sizes, strict=True)
    ]
    return blake3("".join(lines).encode(), key=NODE_KEY).digest(), sum(sizes)


def _children(nodes: list[Node], start: int) -> int:
    """How many nodes share the first's parent: to the first, past two, whose hash is a multiple of 4."""
    end = min(start + MOST_CHILDREN, len(nodes))
    for place in range(start + 2, end):
        if nodes[place][0][24] & 3 == 0:
            return place + 1 - start
    return end - start
