"""Commits: what a repository holds at one moment."""

from __future__ import annotations

import hashlib
from functools import cached_property

import msgspec

from offing.xet.hub.git_ids import tree_ids


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A file of a repository at one commit."""

    oid: str
    """Git's id: of the content, or of the pointer where the content is large."""
    size: int
    """Bytes of the content."""
    sha256: str
    """Of the content."""
    large: bool
    """Whether git would hold a pointer (LFS)."""
    xet: str = ""
    """The file hash, where the content is in xorbs; else it is kept whole."""

    @property
    def etag(self) -> str:
        """What Hugging Face's hub calls this content."""
        return f'"{self.sha256 if self.large else self.oid}"'


class Commit(msgspec.Struct, frozen=True, dict=True):
    """One commit."""

    parent: str
    """The id of the commit before; empty for the first."""
    title: str
    message: str
    author: str
    date: str
    """ISO 8601, UTC, milliseconds."""
    files: dict[str, Entry]

    def encode(self) -> bytes:
        """As it is kept."""
        return msgspec.json.encode(self, order="deterministic")

    @cached_property
    def id(self) -> str:
        """Forty hexadecimal digits."""
        return hashlib.sha1(self.encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return sorted(self.files)

    @cached_property
    def folders(self) -> dict[str, str]:
        """Git's id of every folder, the root as ""."""
        return tree_ids((path, entry.oid) for path, entry in self.files.items())


def decode(data: bytes) -> Commit:
    """A kept commit."""
    return msgspec.json.decode(data, type=Commit)
