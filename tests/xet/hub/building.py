"""Xorbs and shards made by hand, so that what is wrong with them can be chosen."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

import lz4.frame
import numpy as np

from offing.xet.engine.chunks import Scheme
from offing.xet.engine.hashes import chunk_hash, from_text, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.hub.shards import Term

SHARD_HEAD = (
    b"HFRepoMetaData\0" + bytes.fromhex("556967456a7b815783a5bdd95ccdd14aa9") + struct.pack("<QQ", 2, 0)
)
END = b"\xff" * 32 + bytes(16)


def chunk(content: bytes, scheme: Scheme = Scheme.NONE) -> bytes:
    """A chunk as a xorb holds it."""
    packed = content
    if scheme == Scheme.GROUPED_LZ4:
        plain = np.frombuffer(content, np.uint8)
        packed = b"".join(plain[place::4].tobytes() for place in range(4))
    if scheme != Scheme.NONE:
        packed = lz4.frame.compress(packed)
    head = len(packed) << 8 | int(scheme) << 32 | len(content) << 40
    return struct.pack("<Q", head) + packed


def xorb(contents: Sequence[bytes], schemes: Sequence[Scheme] = (Scheme.NONE,)) -> tuple[str, bytes]:
    """A xorb of chunks with these contents: its hash and its bytes."""
    tree = MerkleTree()
    for content in contents:
        tree.add(chunk_hash(content), len(content))
    packed = [chunk(content, schemes[number % len(schemes)]) for number, content in enumerate(contents)]
    return to_text(tree.root()), b"".join(packed)


def file_hash(contents: Sequence[bytes]) -> str:
    """The hash of a file of these chunks."""
    tree = MerkleTree()
    for content in contents:
        tree.add(chunk_hash(content), len(content))
    return to_text(tree.file_hash())


def term(name: str, contents: Sequence[bytes], start: int, end: int) -> Term:
    """A term over chunks [start, end) of a xorb."""
    return Term(name, start, end, sum(map(len, contents[start:end])))


def shard(*files: tuple[str, Sequence[Term], str | None]) -> bytes:
    """A shard of files: hash, terms, and sha256 of each."""
    parts = [SHARD_HEAD]
    for name, terms, sha256 in files:
        flags = (1 << 31) | ((1 << 30) if sha256 is not None else 0)
        parts.append(from_text(name) + struct.pack("<IIQ", flags, len(terms), 0))
        parts += [
            from_text(each.xorb) + struct.pack("<IIII", 0, each.length, each.start, each.end)
            for each in terms
        ]
        parts += [bytes(48)] * len(terms)
        if sha256 is not None:
            parts.append(from_text(sha256) + bytes(16))
    return b"".join([*parts, END, END])


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()
