"""Whether what was decoded is the file that was asked for."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Protocol

from offing.xet.engine.hashes import HASH_BYTES, from_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes


class NotTheFile(Exception):  # noqa: N818  the file is wrong, nothing went wrong here
    """The content has another hash."""


class Check(Protocol):
    """Told of every chunk in the order of the file, of any number at once."""

    holds_last: bool
    """Whether the last bytes may be handed over only after :meth:`end`."""

    def chunks(self, offset: int, leaves: Nodes) -> None:
        """Chunks, the first of which begins at an offset of the file. Raises :class:`NotTheFile`."""

    def end(self) -> None:
        """The last chunk has been told of. Raises :class:`NotTheFile`."""


class WholeFile:
    """Builds the file's hash from its chunks, and remembers them for later ranges."""

    holds_last = True

    def __init__(self, file_hash: str, size: int) -> None:
        self._wanted, self._size = from_text(file_hash), size
        self._tree = MerkleTree()
        self.digests = bytearray()
        """The hashes of all chunks, one after the other."""
        self.lengths = array("I")
        """Their lengths."""

    def chunks(self, offset: int, leaves: Nodes) -> None:
        """Add them."""
        if offset != self._tree.size:
            raise NotTheFile
        self._tree.extend(leaves)
        self.digests += leaves.digests
        self.lengths.extend(leaves.sizes)

    def end(self) -> None:
        """Compare size and hash."""
        if self._tree.size != self._size or self._tree.file_hash() != self._wanted:
            raise NotTheFile


class KnownChunks:
    """Compares with the chunks of a file that was verified before."""

    holds_last = False

    def __init__(self, digests: bytes | bytearray, lengths: array[int]) -> None:
        self._digests, self._lengths = digests, lengths
        self._starts = array("Q")
        offset = 0
        for length in lengths:
            self._starts.append(offset)
            offset += length

    def chunks(self, offset: int, leaves: Nodes) -> None:
        """Find them where they begin."""
        first = bisect_right(self._starts, offset) - 1
        if first < 0 or self._starts[first] != offset:
            raise NotTheFile
        end = first + len(leaves)
        if self._lengths[first:end].tolist() != leaves.sizes:
            raise NotTheFile
        if self._digests[first * HASH_BYTES : end * HASH_BYTES] != leaves.digests:
            raise NotTheFile

    def end(self) -> None:
        """Nothing is left to compare."""


class Unchecked:
    """A range of a file whose chunks are not known: the protocol gives nothing to compare it with."""

    holds_last = False

    def chunks(self, offset: int, leaves: Nodes) -> None:
        """Take them as they are."""

    def end(self) -> None:
        """Nothing to compare."""
