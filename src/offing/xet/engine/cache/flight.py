"""One file on its way: fetched once, recorded on disk, read by any number of clients at their own pace.

What is released to readers is on the disk, or in a window in memory, or in both. While the disk takes the
file, nobody waits for a reader: who falls behind the window reads the disk. Where it takes no more, the
fetch waits for the slowest reader, and one that stands still is given up after a while if others wait.
The end of a file is released only once the whole is verified.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from offing.xet.engine.batch import Batch
from offing.xet.engine.cache.local import Cache
from offing.xet.engine.cache.recording import NotThisFile, Recording, grow
from offing.xet.engine.cache.window import Window
from offing.xet.engine.hashes import to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes
from offing.xet.problems import Corrupt, UpstreamFailed, UpstreamTimedOut

Batches = AsyncGenerator[Batch]
Fetch = Callable[[int], Batches]
"""From an offset, at which a chunk starts, to the end of the file: batches of chunks in order.

A failure is raised; a generator that ends early is one too.
Corrupt says that what was recorded before is not worth keeping: also where no chunk starts at the offset.
"""
PATIENCE_SECONDS = 5.0


@dataclass(eq=False, slots=True)
class Seat:
    """A reader's place."""

    at: int
    """The next byte that it wants."""
    lost: bool = False


class Flight:
    """The fetch of one file and those who read along. Used in one event loop."""

    def __init__(
        self, cache: Cache, file_hash: str, size: int, fetch: Fetch, *,
        window: Callable[[], int], patience: float = PATIENCE_SECONDS,
    ) -> None:  # fmt: skip
        self.file_hash = file_hash
        self.size = size
        self.verified = False
        self.kept = False
        """Whether the file is in the cache now."""
        self._cache = cache
        self._fetch = fetch
        self._share = window
        self._patience = patience
        self._window = Window()
        self._tree = MerkleTree()
        self._recording: Recording | None = None
        self._seats: set[Seat] = set()
        self._released = 0
        """Bytes that readers may have."""
        self._error: Exception | None = None
        self._landed = False
        self._news = asyncio.Event()
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[bool] | None = None

    def begin(self, ended: Callable[[Flight], None]) -> None:
        """Start to fetch; ``ended`` is called when everything is put away."""
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._ended(ended))

    @property
    def leaving(self) -> bool:
        """Whether it ends without the whole file, so that nobody can join any more."""
        return self._error is not None or (self._task is not None and self._task.cancelling() > 0)

    def can_join(self, start: int, size: int) -> bool:
        """Whether a reader from this offset on would get everything from here."""
        return size == self.size and (start >= self._window.base or self._on_disk() >= self._window.base)

    def goes_past(self, start: int, size: int) -> bool:
        """Whether a reader from this offset on would be served at once, and out of what is recorded."""
        recorded = self._recording is not None and not self._recording.broken
        return recorded and not self.leaving and start <= self._released and self.can_join(start, size)

    async def settled(self) -> None:
        """Wait until everything is put away."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def cancel(self) -> None:
        """End it, unless it has ended and is put away; what was recorded is kept for the next time."""
        if self._task is not None and not self._landed:
            self._task.cancel()

    async def read(self, start: int, end: int) -> AsyncGenerator[bytes]:
        """The bytes of a range in pieces of about 1 MiB, as they come.

        Raises what the fetch raised, :class:`Corrupt` where the whole is not the file of this hash,
        UpstreamTimedOut for a reader that stood still while others waited; each after the bytes that were
        there before, and never after the last byte of the file.
        """
        seat = Seat(start)
        self._seats.add(seat)
        try:
            while seat.at < end:
                async with aclosing(self._available(seat, end)) as available:
                    async for piece in available:
                        seat.at += len(piece)
                        self._moved.set()
                        yield piece
        finally:
            self._leave(seat)

    async def _available(self, seat: Seat, end: int) -> AsyncGenerator[bytes]:
        """What there is for a reader: a piece in memory, or all that is on the disk, or else the wait."""
        if seat.lost:
            raise UpstreamTimedOut("The client stood still while the disk was full and others waited.")
        piece = self._window.take(seat.at)
        if piece is not None:
            yield piece[: end - seat.at]
        elif self._recording is not None and seat.at < self._on_disk():
            async with aclosing(self._recording.read(seat.at, min(end, self._on_disk()))) as recorded:
                async for piece in recorded:
                    yield piece
        elif self._error is not None:
            raise self._error
        else:
            await self._news.wait()

    async def _run(self) -> None:
        try:
            self._recording = await self._cache.record(self.file_hash, self.size)
            await self._fly()
        except NotThisFile:
            self._error = Corrupt()
        except Exception as error:  # noqa: BLE001  every failure is told to every reader
            self._error = error
        except asyncio.CancelledError:
            self._error = UpstreamFailed("The download was stopped.")
        self._landed = True
        self._tell()
        if self._recording is not None:
            with suppress(OSError):
                await self._put_away(self._recording)

    async def _fly(self) -> None:
        start = await self._recover()
        self._window.restart(start)
        if start < self.size:
            self._released = start
            self._tell()
        last = await self._follow(start) if start < self.size else Batch(b"", Nodes(b"", []))
        if not self._is_this_file():
            raise NotThisFile
        self.verified = True
        self._release(last)

    async def _recover(self) -> int:
        """Take over what an earlier fetch recorded; gives how many bytes that is."""
        if self._recording is None:
            return 0
        while await self._recording.recover():
            self._released = self._recording.recorded
            self._tell()
        self._tree = self._recording.tree
        return self._recording.recorded

    async def _follow(self, start: int) -> Batch:
        """Fetch to the end; gives the last batch, which is recorded and not released."""
        async with aclosing(self._fetch(start)) as batches:
            async for batch in batches:
                self._take(batch)
                if self._tree.size >= self.size:
                    return batch
                # Readers need not wait for the disk.
                self._release(batch)
                await self._write()
                await self._make_room()
        raise UpstreamFailed("The content store ended before the file does.")

    def _take(self, batch: Batch) -> None:
        """Hash a batch, and have it wait to be recorded. Raises :class:`NotThisFile`."""
        if self._recording is None:
            grow(self._tree, batch, self.size)
        else:
            self._recording.add(batch)

    async def _write(self) -> None:
        """Begin to record what has come, where it is worth it; wait where the disk does not keep up.

        What waits is in the window as well: it takes no memory of its own.
        """
        recording = self._recording
        if recording is None or recording.waiting < self._share() // 2:
            return
        if self._writing is not None:
            await self._writing
        self._writing = asyncio.create_task(recording.write())

    def _release(self, batch: Batch) -> None:
        self._window.put(batch.content)
        self._released = self._window.head
        self._tell()

    async def _make_room(self) -> None:
        """Shorten the window; where the disk does not take its content, once every reader has passed it."""
        most = self._share()
        self._window.trim(most, self._on_disk())
        if self._recording is not None and len(self._window) > most:
            await self._recording.write()
        while True:
            self._moved.clear()
            slowest = min((seat.at for seat in self._seats if not seat.lost), default=self._window.head)
            on_disk = self._on_disk()
            self._window.trim(most, on_disk)
            self._window.trim(most, max(on_disk, slowest) if on_disk < self._released else on_disk)
            if len(self._window) <= most:
                return
            try:
                async with asyncio.timeout(self._patience):
                    await self._moved.wait()
            except TimeoutError:
                self._give_up(slowest)

    def _give_up(self, slowest: int) -> None:
        """Those who stand still, where others have read everything that is there."""
        if any(seat.at >= self._released for seat in self._seats):
            for seat in self._seats:
                seat.lost = seat.lost or seat.at == slowest
            self._tell()

    async def _put_away(self, recording: Recording) -> None:
        if self.verified:
            self.kept = await recording.commit()
        elif isinstance(self._error, Corrupt):
            await recording.abandon()
        else:
            await recording.suspend()

    def _is_this_file(self) -> bool:
        if self._recording is not None:
            return self._recording.verified()
        return self._tree.size == self.size and to_text(self._tree.file_hash()) == self.file_hash

    def _on_disk(self) -> int:
        """Up to where readers may read the disk."""
        return min(self._recording.recorded, self._released) if self._recording is not None else 0

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _leave(self, seat: Seat) -> None:
        """Nobody fetches for nobody; a file that is whole is kept all the same."""
        self._seats.discard(seat)
        self._moved.set()
        if not self.verified and not any(not seat.lost for seat in self._seats):
            self.cancel()
        self._close_unused()

    def _ended(self, ended: Callable[[Flight], None]) -> None:
        self._close_unused()
        ended(self)

    def _close_unused(self) -> None:
        if self._recording is not None and not self._seats and self._task is not None and self._task.done():
            self._recording.close()
