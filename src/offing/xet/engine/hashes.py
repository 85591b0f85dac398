"""Hashes of the Xet protocol: their text form, the keyed BLAKE3 of chunks, and the keys of the others.

Source: draft-denis-xet, section "Hash Functions".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

from blake3 import blake3

DATA_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
ZERO_KEY = bytes(32)
HASH_BYTES = 32
TEXT_LETTERS = 64

_TEXT = re.compile(r"[0-9a-f]{64}")


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


def chunk_hashes(content: bytes | memoryview, lengths: Iterable[int]) -> bytes:
    """The hashes of chunks that follow each other in one piece of memory, one after the other."""
    return keyed_hashes(DATA_KEY, content, lengths)


def keyed_hashes(key: bytes, content: bytes | memoryview, lengths: Iterable[int]) -> bytes:
    """The hashes by a key of pieces that follow each other in one piece of memory, one after the other."""
    view, hasher = memoryview(content), blake3(key=key)
    digests, start = [], 0
    for length in lengths:
        end = start + length
        # A hasher for each would take three times as long as what is done here beside the hashing.
        hasher.reset()
        hasher.update(view[start:end])
        digests.append(hasher.digest())
        start = end
    return b"".join(digests)
