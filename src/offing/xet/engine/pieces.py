"""Pieces of a file: terms clipped to the window that they were planned for, and the requests they share."""

from __future__ import annotations

import asyncio

from offing.xet.engine.batch import Batch
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.load import Load, Source
from offing.xet.engine.plan import Fetch, Term
from offing.xet.engine.run import Run
from offing.xet.engine.windows import MEBIBYTE
from offing.xet.problems import Corrupt

MOST_USERS = 6144
"""Of one request: a window of 24 MiB in chunks of 4 KiB, smaller than any but a file's last."""


class Piece:
    """The bytes [start, end) of the file, which lie in one term."""

    def __init__(self, load: Load, term: Term, start: int, end: int, planned: float) -> None:
        self.load, self.start, self.end = load, start, end
        self.planned = planned
        """When its signed URL was given, in the event loop's seconds."""
        self.touched = False
        """Whether any of it has been taken."""
        self._term = term
        self._chunk, self._reached = term.first_chunk, term.offset

    @property
    def reached(self) -> int:
        """Where in the file the bytes begin that have not been taken."""
        return max(self.start, self._reached)

    async def take(self) -> tuple[int, list[Batch]] | None:
        """The next chunks, after the offset in the file where they begin; None after the last.

        The first and the last may reach beyond the piece. Raises :class:`Retryable`, Corrupt, or another
        problem that trying again does not help against.
        """
        term = self._term
        while self._reached < self.end and self._chunk < term.end_chunk:
            found: list[Batch] = []
            batches = await self.load.take(self._chunk, term.end_chunk)
            if not batches:
                break
            for batch in batches:
                if self._reached >= self.end:
                    break
                if self._reached + len(batch.content) > self.start:
                    found.append(batch)
                self._chunk += len(batch.leaves)
                self._reached += len(batch.content)
            if found:
                self.touched = True
                return self._reached - sum(len(batch.content) for batch in found), found
        if self._reached > term.end or (self._reached != term.end and self._reached < self.end):
            raise Corrupt
        return None

    def rewind(self) -> list[asyncio.Task[Run]]:
        """Have a piece that was not touched begin anew, by another request. Gives what has yet to end."""
        self._chunk, self._reached = self._term.first_chunk, self._term.offset
        return self.load.drop()


async def plan_pieces(source: Source, start: int, end: int, limit: int) -> list[Piece]:
    """The pieces of a window [start, end) of the file, in order, none of them begun.

    Before the limit they end where a chunk does, so that the next window need not fetch that chunk again.
    """
    found = await source.cas.plan(source.file_hash, start, end, pressed=source.pace.pressed)
    planned = asyncio.get_running_loop().time()
    terms = [term for term in found if term.offset < end and term.end > start]
    loads = _shared_loads(source, terms, end - start)
    pieces = []
    for term in terms:
        whole = term.end < end + LARGEST_CHUNK and term.end <= limit
        first, last = max(start, term.offset), term.end if whole else min(end, term.end)
        load = loads.get(term.fetch) or Load(
            source, term, users=1, size=last - first, most=last - term.offset
        )
        pieces.append(Piece(load, term, first, last, planned))
    return pieces


def _shared_loads(source: Source, terms: list[Term], window: int) -> dict[Fetch, Load]:
    """A request for each run of chunks that several terms need, and that memory is large enough for.

    A store joins the runs of a xorb that touch each other, and asks for each joined run to be read as a
    whole. Fetched for each term, a file with small changes would be fetched many times over.
    """
    users: dict[Fetch, list[Term]] = {}
    for term in terms:
        users.setdefault(term.fetch, []).append(term)
    loads = {}
    for fetch, several in users.items():
        spans = {(term.first_chunk, term.end_chunk): term.length for term in several}
        first, end = min(low for low, _ in spans), max(high for _, high in spans)
        length = sum(spans.values())
        is_dense = end - first <= sum(high - low for low, high in spans)
        if 1 < len(several) <= MOST_USERS and is_dense and length <= 2 * window + MEBIBYTE:
            whole = Term(fetch, first, end, 0, length)
            loads[fetch] = Load(source, whole, users=len(several), size=length, most=length)
    return loads
