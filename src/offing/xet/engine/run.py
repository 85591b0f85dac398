"""One request to a xorb: chunks decoded as they arrive, in memory that is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from offing.xet.engine.batch import Batch
from offing.xet.engine.chunks import HEADER_BYTES, LARGEST_CHUNK, LARGEST_COMPRESSED, BadChunk
from offing.xet.engine.plan import Term
from offing.xet.engine.unpack import MOST_CHUNKS

if TYPE_CHECKING:
    from offing.xet.wire import Incoming

SEGMENT, LARGEST_SEGMENT = 512 * 1024, 1024 * 1024
"""Bytes that are decoded at once, about half a millisecond of work; twice that of a long answer."""
SEGMENTS = 6
"""In an answer that is long: where many streams share the memory none is."""
FIRST = HEADER_BYTES + LARGEST_COMPRESSED
"""Bytes after which the first chunk is decoded for a reader who waits for it, and not for a whole segment."""
BATCH = 2 * 1024 * 1024
"""Bytes of content after which a batch ends. LZ4 makes up to 255 bytes of one: a segment is no bound."""
NOT_WORTH = 256 * 1024
"""Bytes at the end of an answer that nobody needs, and that cost less than a new connection."""
LINGER = 1.0
"""Seconds that those bytes may take."""


class Run:
    """Takes the bytes of an answer as the wire's sink, and gives the chunks of a term.

    Reading and decoding stop while more than ``allowance`` bytes wait to be taken.

    :param most: bytes of the term's content that are wanted; all where it is not given.
    :param received: told of every number of bytes that came.
    """

    def __init__(
        self,
        term: Term,
        allowance: int,
        most: int | None = None,
        received: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._received = received
        self._term, self.allowance = term, allowance
        self._most = term.length if most is None else most
        self._chunk = term.fetch.first_chunk
        self._left = term.fetch.length
        segment = min(LARGEST_SEGMENT, max(SEGMENT, self._left // SEGMENTS))
        # Memory as it is: what is read of it has come before.
        memory = np.empty(min(segment, self._left), np.uint8)
        self._buffer, self._address = memory.data, memory.ctypes.data
        self._end = 0
        self._threshold = len(self._buffer) * 3 // 4
        self._behind = False
        """Whether whole chunks may stand in the buffer because too much is held."""
        self._ready: list[Batch] = []
        self._held = self._in_hand = self._content = 0
        self._news = asyncio.Event()
        self._ended = False
        self._error: Exception | None = None
        self._incoming: Incoming | None = None
        self._paused = False

    @property
    def complete(self) -> bool:
        """Whether all that is wanted has been decoded."""
        return self._chunk >= self._term.end_chunk or self._content >= self._most

    def attach(self, incoming: Incoming) -> None:
        """The answer whose body this takes."""
        self._incoming = incoming
        self._hold_back()

    def room(self) -> memoryview:
        """Where the next bytes go."""
        return self._buffer[self._end :]

    def filled(self, count: int) -> None:
        """Decode what is whole. Raises :class:`BadChunk`."""
        self._received(count)
        self._end += count
        self._left -= count
        if self.complete:
            self._end = 0
        elif self._end >= self._threshold or self._left <= NOT_WORTH:
            # Near its end what is wanted does not wait for bytes that may be needless.
            self._decode()

    def ended(self, error: Exception | None) -> None:
        """The answer is over."""
        self._error, self._ended = error, True
        self._finish()
        self._news.set()

    async def take(self) -> list[Batch]:
        """All chunks that are here, none after the last of the term. Raises what the answer failed with.

        Until the next call they count as held: who takes may not be done with them.
        """
        self._held, self._in_hand = self._held - self._in_hand, 0
        if self._behind and self._held <= self.allowance // 2:
            self._catch_up()
        self._hold_back()
        if not self._ready:
            await self._arrival()
        taken, self._ready = self._ready, []
        self._in_hand = sum(len(batch.content) for batch in taken)
        return taken

    def close(self) -> None:
        """Free the connection; one that has next to nothing left may end by itself, if it does so soon."""
        self._ready.clear()
        if self._incoming is None or self._ended:
            return
        if self.complete and not self._paused and self._left <= NOT_WORTH:
            asyncio.get_running_loop().call_later(LINGER, self._incoming.abort)
        else:
            self._incoming.abort()

    def abort(self) -> None:
        """Free the connection at once."""
        self._ready.clear()
        if self._incoming is not None:
            self._incoming.abort()

    async def _arrival(self) -> None:
        """Wait for the next chunks, or the end of the term. Raises what the answer failed with."""
        while not self._ready:
            if self._behind:
                self._catch_up()
            elif self.complete:
                return
            elif self._error is not None:
                raise self._error
            elif self._content == 0 and self._end >= FIRST:
                self._catch_up()
            else:
                if self._content == 0:
                    self._threshold = min(FIRST, len(self._buffer))
                self._news.clear()
                await self._news.wait()

    def _decode(self) -> None:
        self._threshold = len(self._buffer) * 3 // 4
        place, found = 0, True
        while found and not self.complete and self._held <= self.allowance:
            data = self._buffer[place : self._end]
            batch, consumed = Batch.decoded(data, most=BATCH, address=self._address + place)
            # What ended before the batch was full ended with the bytes.
            found = len(batch.content) > BATCH - LARGEST_CHUNK or len(batch.leaves) == MOST_CHUNKS
            place += consumed
            self._keep(batch)
        rest = 0 if self.complete else self._end - place
        self._behind = found and rest > 0
        if place:
            self._buffer[:rest] = self._buffer[self._end - rest : self._end]
        self._end = rest
        if self._left <= 0 and rest and not self._behind:
            raise BadChunk("Bytes after the last chunk.")
        self._hold_back()
        self._news.set()

    def _keep(self, batch: Batch) -> None:
        """Have the chunks that are the term's wait to be taken."""
        first, end = max(0, self._term.first_chunk - self._chunk), self._term.end_chunk - self._chunk
        self._chunk += len(batch.leaves)
        batch = batch.part(first, max(first, end))
        if not batch.leaves:
            return
        self._content += len(batch.content)
        if self._content > self._term.length:
            raise BadChunk("More content than the plan says.")
        self._ready.append(batch)
        self._held += len(batch.content)

    def _catch_up(self) -> None:
        """Decode what had to wait."""
        try:
            self._decode()
        except BadChunk as error:
            self._error, self._behind = error, False
            if self._incoming is not None:
                self._incoming.abort()
        self._finish()

    def _finish(self) -> None:
        """See whether the end of the answer is the end of what is wanted."""
        if not self._ended or self._behind:
            return
        if self._error is None and not self.complete:
            self._error = BadChunk("Fewer chunks than the plan says.")
        self._buffer = self._buffer[:0]

    def _hold_back(self) -> None:
        if self._incoming is None or self._ended:
            return
        if not self._paused and (self._behind or self._held > self.allowance):
            self._paused = True
            self._incoming.pause()
        elif self._paused and not self._behind and self._held <= self.allowance // 2:
            self._paused = False
            self._incoming.resume()
