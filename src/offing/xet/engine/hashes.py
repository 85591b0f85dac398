"""Hashes of the Xet protocol: their text form, the keyed BLAKE3 of chunks and nodes, and the file hash.

Source: draft-denis-xet, sections "Hash Functions" and "Merkle Trees".
"""

from __future__ import annotations

import re
import struct

from blake3 import blake3

DATA_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
ZERO_KEY = bytes(32)
HASH_BYTES = 32
MOST_CHILDREN = 9
"""Nodes under one parent; beyond it a parent ends wherever it stands."""

_WORDS, _TURNED = struct.Struct("<4Q"), struct.Struct(">4Q")
_TEXT = re.compile(r"[0-9a-f]{64}")

Node = tuple[bytes, int]
"""A hash, and the bytes of content below it."""


def to_text(digest: bytes) -> str:
    """The text form of a hash of 32 bytes: four little-endian words of 64 bits, each in hexadecimal."""
    return _TURNED.pack(*_WORDS.unpack(digest)).hex()


def from_text(text: str) -> bytes:
    """The hash of a text form. Raises ValueError where it is not 64 lower-case hexadecimal digits."""
    if not _TEXT.fullmatch(text):
        raise ValueError("not a hash")
    return _WORDS.pack(*(int(text[place : place + 16], 16) for place in range(0, 64, 16)))


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
        self.size += size
        self._put(0, (digest, size))

    def root(self) -> bytes:
        """The hash of the root, which ends the tree; 32 zero bytes where there is no chunk."""
        height = 0
        while height < len(self._levels):
            level = self._levels[height]
            if level.seen == 1:
                return level.waiting[0][0]
            while level.waiting:
                self._put(height + 1, level.take())
            height += 1
        return bytes(HASH_BYTES)

    def file_hash(self) -> bytes:
        """The hash by which a file with these chunks is known."""
        return blake3(self.root(), key=ZERO_KEY).digest()

    def _put(self, height: int, node: Node) -> None:
        if height == len(self._levels):
            self._levels.append(_Level())
        level = self._levels[height]
        level.seen += 1
        level.waiting.append(node)
        # As many as a parent can have are enough to know where it ends.
        if len(level.waiting) == MOST_CHILDREN:
            self._put(height + 1, level.take())


class _Level:
    def __init__(self) -> None:
        self.seen = 0
        self.waiting: list[Node] = []

    def take(self) -> Node:
        """Make a parent of the first nodes."""
        count = _children(self.waiting)
        children, self.waiting = self.waiting[:count], self.waiting[count:]
        lines = "".join([f"{to_text(digest)} : {size}\n" for digest, size in children])
        return blake3(lines.encode(), key=NODE_KEY).digest(), sum([size for _, size in children])


def _children(nodes: list[Node]) -> int:
    """How many of the first nodes share a parent: to the first, past two, whose hash is a multiple of 4."""
    for place in range(2, min(MOST_CHILDREN, len(nodes))):
        if nodes[place][0][24] & 3 == 0:
            return place + 1
    return min(MOST_CHILDREN, len(nodes))
