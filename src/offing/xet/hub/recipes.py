"""How files are put together from xorbs, by file hash."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

import msgspec

from offing.xet.engine.hashes import to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.hub.disk import Disk, sharded
from offing.xet.hub.memory import Memory
from offing.xet.hub.refusals import bad, too_large
from offing.xet.hub.shards import ShardFile, Term
from offing.xet.hub.xorbs import Xorbs

RECIPES_IN_MEMORY = 256
MOST_CHUNKS = 1 << 24
"""Of one file: a tebibyte in chunks of the usual size."""


class Kept(msgspec.Struct, array_like=True):
    """A recipe as it is kept."""

    terms: list[tuple[str, int, int, int]]


class Recipe:
    """The terms of one file, in order."""

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms
        self.begins = list(accumulate((term.length for term in terms), initial=0))
        """Where each term begins in the file, and the file's size."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.begins[-1]

    def term_at(self, offset: int) -> int:
        """The number of the term that has this byte of the file."""
        return bisect_right(self.begins, offset) - 1


class Recipes:
    """Recipes on the disk: only those whose chunks are all there, and give the file's hash."""

    def __init__(self, disk: Disk, xorbs: Xorbs) -> None:
        self._disk, self._xorbs = disk, xorbs
        self._folder = disk.root / "store" / "files"
        self._known: Memory[Recipe] = Memory(RECIPES_IN_MEMORY)

    def find(self, name: str) -> Recipe | None:
        """The recipe of a file hash, in text form."""
        if (known := self._known.find(name)) is not None:
            return known
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        kept = msgspec.json.decode(data, type=Kept)
        return self._known.keep(name, Recipe([Term(*term) for term in kept.terms]))

    def check(self, file: ShardFile) -> Recipe:
        """The recipe that an uploader sent, if it can be followed. Raises Refusal (400, 413)."""
        if sum(term.end - term.start for term in file.terms) > MOST_CHUNKS:
            raise too_large()
        tree = MerkleTree()
        for term in file.terms:
            index = self._xorbs.index(term.xorb)
            if index is None:
                raise bad("The shard names a xorb that is not here.")
            if term.end > index.count:
                raise bad("The shard names chunks that its xorb does not have.")
            if index.unpacked(term.start, term.end) != term.length:
                raise bad("A term of the shard has another length than its chunks.")
            for chunk in range(term.start, term.end):
                tree.add(index.digest(chunk), index.unpacked(chunk, chunk + 1))
        if to_text(tree.file_hash()) != file.name:
            raise bad("The terms of a file in the shard give another file hash.")
        return Recipe(file.terms)

    def keep(self, name: str, recipe: Recipe) -> None:
        """Keep a checked recipe. The first stays: another of the same file is as good."""
        if self.find(name) is not None:
            return
        terms = [(term.xorb, term.start, term.end, term.length) for term in recipe.terms]
        self._disk.put(self._path(name), msgspec.json.encode(Kept(terms)))
        self._known.keep(name, recipe)

    def _path(self, name: str) -> Path:
        return sharded(self._folder, name)
