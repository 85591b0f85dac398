"""Reads shards: what an uploader says about its files and xorbs.

Source: draft-denis-xet, section "Shards". Everything is a record of 48 bytes, little-endian: a header, a
section of files (terms, then verification and metadata records where flags say so), a section of xorbs;
a record whose hash is all ones ends a section. Uploaders send no footer.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from offing.xet.engine.hashes import HASH_BYTES, to_text

_RECORD = 48
_TAG = b"HFRepoMetaData\0" + bytes.fromhex("556967456a7b815783a5bdd95ccdd14aa9")
_END = b"\xff" * HASH_BYTES
_VERSION = 2
_FLAGS = struct.Struct("<II")
_TERM = struct.Struct("<IIII")
_WITH_VERIFICATION = 1 << 31
_WITH_METADATA = 1 << 30


class BadShard(Exception):  # noqa: N818  what an uploader is told of
    """The bytes are no shard. The message is for the uploader."""


@dataclass(frozen=True, slots=True)
class Term:
    """A run of chunks of one xorb."""

    xorb: str
    start: int
    end: int
    """The chunk after the last."""
    length: int
    """Bytes of content."""


@dataclass(frozen=True, slots=True)
class ShardFile:
    """A file as a shard tells of it."""

    name: str
    """Its hash, in text form."""
    terms: list[Term]
    sha256: str
    """Empty where the uploader names none."""


def read_shard(data: bytes) -> list[ShardFile]:
    """The files of a shard. Raises :class:`BadShard`."""
    if len(data) < _RECORD or data[:HASH_BYTES] != _TAG:
        raise BadShard("Not a shard.")
    if struct.unpack_from("<Q", data, HASH_BYTES)[0] != _VERSION:
        raise BadShard("A shard of an unknown version.")
    return list(_files(data))


def _files(data: bytes) -> Iterator[ShardFile]:
    place = _RECORD
    while True:
        digest = _digest(data, place)
        if digest == _END:
            return
        flags, count = _FLAGS.unpack_from(data, place + HASH_BYTES)
        place += _RECORD
        kept = count * (2 if flags & _WITH_VERIFICATION else 1) + bool(flags & _WITH_METADATA)
        following = place + kept * _RECORD
        if following > len(data):
            raise BadShard("A shard that ends within a file.")
        terms = [_term(data, place + number * _RECORD) for number in range(count)]
        sha256 = to_text(_digest(data, following - _RECORD)) if flags & _WITH_METADATA else ""
        yield ShardFile(to_text(digest), terms, sha256)
        place = following


def _term(data: bytes, place: int) -> Term:
    _, length, start, end = _TERM.unpack_from(data, place + HASH_BYTES)
    if not start < end or not length:
        raise BadShard("A term without a chunk.")
    return Term(to_text(_digest(data, place)), start, end, length)


def _digest(data: bytes, place: int) -> bytes:
    if place + _RECORD > len(data):
        raise BadShard("A shard that ends before its last record.")
    return data[place : place + HASH_BYTES]
