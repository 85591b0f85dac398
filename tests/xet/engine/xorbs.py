"""Xorbs, files and plans made by hand, by the protocol's words and without the code under test."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

import lz4.frame

from offing.xet.engine.hashes import chunk_hash, to_text
from offing.xet.engine.merkle import MerkleTree


def group(content: bytes) -> bytes:
    """The bytes of each place in words of four, one place after the other."""
    return b"".join(content[place::4] for place in range(4))


def encode(content: bytes, scheme: int) -> bytes:
    """A chunk with its header."""
    packed: bytes = content
    if scheme:
        packed = lz4.frame.compress(group(content) if scheme == 2 else content)
    return packed_as(scheme, packed, len(content))


def packed_as(scheme: int, packed: bytes, length: int) -> bytes:
    """A chunk whose header says that these bytes are so many of content."""
    return b"\0" + len(packed).to_bytes(3, "little") + bytes([scheme]) + length.to_bytes(3, "little") + packed


@dataclass
class Xorb:
    """A xorb of some chunks."""

    chunks: list[bytes]
    schemes: list[int]
    data: bytes = b""
    ends: list[int] = field(default_factory=list)
    hash: str = ""

    def __post_init__(self) -> None:
        tree = MerkleTree()
        for content, scheme in zip(self.chunks, self.schemes, strict=True):
            self.data += encode(content, scheme)
            self.ends.append(len(self.data))
            tree.add(chunk_hash(content), len(content))
        self.hash = to_text(tree.root())

    def span(self, first: int, end: int) -> tuple[int, int]:
        """The first and the last byte of some chunks."""
        return (self.ends[first - 1] if first else 0), self.ends[end - 1] - 1


def some_xorb(chance: random.Random, count: int, largest: int = 20_000) -> Xorb:
    """Chunks of all schemes and sizes."""
    chunks = [chance.randbytes(chance.randint(1, largest)) for _ in range(count)]
    chunks = [each if chance.random() < 0.5 else bytes(len(each)) + each[:9] for each in chunks]
    return Xorb(chunks, [chance.randrange(3) for _ in chunks])


def file_hash(chunks: list[bytes]) -> str:
    """The hash of a file of these chunks."""
    tree = MerkleTree()
    for content in chunks:
        tree.add(chunk_hash(content), len(content))
    return to_text(tree.file_hash())


def plan_body(version: int, terms: list[tuple[Xorb, int, int]], skip: int = 0) -> bytes:
    """A reconstruction in either version, one fetch a term."""
    told, fetches = [], {}  # type: ignore[var-annotated]
    for xorb, first, end in terms:
        length = sum(map(len, xorb.chunks[first:end]))
        told.append({"hash": xorb.hash, "unpacked_length": length, "range": {"start": first, "end": end}})
        low, high = xorb.span(first, end)
        fetches.setdefault(xorb.hash, []).append(({"start": first, "end": end}, {"start": low, "end": high}))
    where = "http://store.test/{}"
    if version == 1:
        info = {
            name: [{"range": chunks, "url": where.format(name), "url_range": span} for chunks, span in each]
            for name, each in fetches.items()
        }
        return json.dumps({"offset_into_first_range": skip, "terms": told, "fetch_info": info}).encode()
    xorbs = {
        name: [
            {
                "url": where.format(name),
                "ranges": [{"chunks": chunks, "bytes": span} for chunks, span in each],
            }
        ]
        for name, each in fetches.items()
    }
    return json.dumps({"offset_into_first_range": skip, "terms": told, "xorbs": xorbs}).encode()
