"""Small files that the content store does not have, kept all the same: a model without its config is none.

The cache knows contents by Xet hashes, so such a file is given one: that of its bytes cut into chunks of the
largest size. By the hub's own hash of the content it was verified before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from offing.xet.engine.batch import Batch
from offing.xet.engine.cache import Batches, Fetch
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.content_check import can_check
from offing.xet.engine.hashes import chunk_hashes, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes
from offing.xet.engine.reader import Reader
from offing.xet.engine.resolved import Resolved
from offing.xet.known_files import KnownFiles
from offing.xet.shelf import Shelf

LARGEST = 16 << 20
"""Bytes of a file that is kept."""
MOST_HELD = 64 << 20
"""Bytes of all that are on their way; a file that comes when it is too much is not kept this time."""


class PlainContent:
    """Reads whole files from the hub, and puts them into the cache."""

    def __init__(self, reader: Reader, shelf: Shelf, known: KnownFiles) -> None:
        self._reader, self._shelf, self._known = reader, shelf, known
        self._room = MOST_HELD
        self._putting: set[asyncio.Task[None]] = set()

    def may_keep(self, file: Resolved) -> bool:
        """Whether a file is one to be kept."""
        return self._shelf.keeps and 0 < file.size <= LARGEST and can_check(file)

    async def read(self, file: Resolved, token: str | None) -> AsyncGenerator[bytes, None]:
        """The bytes of a whole file, verified; they are kept when all have been taken."""
        held: list[bytes] | None = None
        if file.size <= self._room:
            self._room -= file.size
            held = []
        try:
            async with aclosing(self._reader.stream(file, token=token)) as pieces:
                async for piece in pieces:
                    if held is not None:
                        held.append(piece)
                    yield piece
            if held is not None:
                self._put(file, held)
                held = None
        finally:
            if held is not None:
                self._room += file.size

    def fetch(self, file: Resolved, token: str | None) -> Fetch:
        """How a file whose content hash is known comes into the cache again."""

        async def fetch(start: int) -> Batches:
            async with aclosing(self._reader.stream(file, start, token=token)) as pieces:
                held = bytearray()
                async for piece in pieces:
                    held += piece
                    whole = len(held) - len(held) % LARGEST_CHUNK
                    if whole:
                        yield cut(bytes(held[:whole]))
                        del held[:whole]
                if held:
                    yield cut(bytes(held))

        return fetch

    async def settled(self) -> None:
        """Wait until what has come is in the cache."""
        while self._putting:
            await asyncio.wait(self._putting)

    def _put(self, file: Resolved, pieces: list[bytes]) -> None:
        """In the background: the client has its file, and need not wait for the disk."""
        task = asyncio.create_task(self._kept(file, pieces))
        self._putting.add(task)
        task.add_done_callback(lambda done: self._done(file, done))

    async def _kept(self, file: Resolved, pieces: list[bytes]) -> None:
        whole = await asyncio.to_thread(lambda: cut(b"".join(pieces)))
        tree = MerkleTree()
        tree.extend(whole.leaves)
        content_hash = to_text(tree.file_hash())

        async def fetch(start: int) -> Batches:
            # What an earlier recording left ends where a chunk does.
            yield whole.part(start // LARGEST_CHUNK, len(whole.leaves))

        # By the way of all files, so that one process, and one of its tasks, writes it.
        async with aclosing(self._shelf.read(content_hash, file.size, fetch, 0, file.size)) as coming:
            async for _ in coming:
                pass
        await self._known.remember_content(file, content_hash)

    def _done(self, file: Resolved, task: asyncio.Task[None]) -> None:
        self._putting.discard(task)
        self._room += file.size
        if not task.cancelled():
            task.exception()  # that nothing is kept is no failure of a download


def cut(content: bytes) -> Batch:
    """Bytes as chunks, all but the last of the largest size."""
    lengths = [min(LARGEST_CHUNK, len(content) - start) for start in range(0, len(content), LARGEST_CHUNK)]
    return Batch(content, Nodes(chunk_hashes(content, lengths), lengths))
