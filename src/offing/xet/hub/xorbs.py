"""The xorbs on the disk, by their hashes."""

from __future__ import annotations

import os
from pathlib import Path

from offing.xet.engine.chunks import BadChunk
from offing.xet.engine.hashes import to_text
from offing.xet.hub.disk import Disk, sharded
from offing.xet.hub.memory import Memory
from offing.xet.hub.refusals import bad
from offing.xet.hub.xorb_index import XorbIndex, read_index, scan

INDEXES_IN_MEMORY = 512
"""About 40 KB each."""


class Xorbs:
    """Xorbs as they were uploaded, without what stood after their chunks."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._folder = disk.root / "store" / "xorbs"
        self._indexes: Memory[XorbIndex] = Memory(INDEXES_IN_MEMORY)

    def path(self, name: str) -> Path:
        """Where the xorb of a hash (in its text form) lies."""
        return sharded(self._folder, name)

    def has(self, name: str) -> bool:
        """Whether there is a xorb of this hash."""
        return self._indexes.find(name) is not None or self.path(name).is_file()

    def index(self, name: str) -> XorbIndex | None:
        """The index of a xorb; none where there is no such xorb."""
        if (known := self._indexes.find(name)) is not None:
            return known
        if not self.path(name).is_file():
            return None
        return self._indexes.keep(name, read_index(self._index_path(name)) or self._rebuild(name))

    def take(self, name: str, temporary: Path) -> None:
        """Keep an uploaded file as the xorb of a hash. Raises Refusal (400) where it is not that xorb."""
        try:
            index, root = scan(temporary)
        except BadChunk as error:
            raise bad(f"Not a xorb: {error}") from None
        if to_text(root) != name:
            raise bad("The xorb has another hash.")
        os.truncate(temporary, int(index.stored[-1]))
        # The index first: a xorb that is there has one.
        self._disk.put(self._index_path(name), index.encode())
        self._disk.publish(temporary, self.path(name))
        self._indexes.keep(name, index)

    def _rebuild(self, name: str) -> XorbIndex:
        index, _ = scan(self.path(name))
        self._disk.put(self._index_path(name), index.encode())
        return index

    def _index_path(self, name: str) -> Path:
        return sharded(self._folder, name).with_suffix(".index")
