"""A file as a stream of bytes: planned and fetched ahead, decoded, verified, handed over in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from offing.xet.engine.ahead import Ahead
from offing.xet.engine.batch import Batch
from offing.xet.engine.budget import Budget
from offing.xet.engine.load import Source
from offing.xet.engine.patience import Patience
from offing.xet.engine.verify import Check, NotTheFile
from offing.xet.problems import Corrupt


async def stream(
    source: Source, budget: Budget, check: Check, start: int, end: int
) -> AsyncGenerator[bytes, None]:
    """The bytes [start, end) of a file, in pieces of up to about a megabyte.

    Where ``check`` wants it, the last piece is held until the whole is verified: a reader that counts
    never takes a corrupt file for a whole one. Close it to free everything at once.

    Raises a :class:`~offing.xet.problems.XetProblem`: Corrupt where the content is not the file's, and
    what the store or the network fails with once retries are used up.
    """
    last = b""
    try:
        async with aclosing(chunks(source, budget, start, end)) as batches:
            async for offset, several in batches:
                place = offset
                for batch in several:
                    check.chunks(place, batch.leaves)
                    place += len(batch.content)
                for place, batch in _emptied(offset, several):
                    content, reached = batch.content, place + len(batch.content)
                    if place < start or reached > end:
                        content = content[max(0, start - place) : end - place]
                    if check.holds_last and reached >= end:
                        last = content
                    else:
                        yield content
        check.end()
    except NotTheFile:
        raise Corrupt from None
    if last:
        yield last


async def chunks(
    source: Source, budget: Budget, start: int, end: int
) -> AsyncGenerator[tuple[int, list[Batch]], None]:
    """The chunks that [start, end) of a file lies in, each once, in batches after their offsets.

    Raises a :class:`~offing.xet.problems.XetProblem`; Corrupt where chunks do not follow each other.
    """
    loop = asyncio.get_running_loop()
    ahead = Ahead(source, budget, start, end)
    reached: int | None = None
    patience = Patience(source.limits.patience)
    with budget.joined(ahead.trim):
        try:
            while True:
                asked = loop.time()
                found = await patience.wait(ahead.next())
                if found is None:
                    break
                now = loop.time()
                source.pace.arrived(now - asked, now, budget.share)
                offset, batches = found if reached is None else _from(reached, *found)
                reached = offset + sum(len(batch.content) for batch in batches)
                if batches:
                    yield offset, batches
        finally:
            patience.end()
            await ahead.close()


def _emptied(offset: int, batches: list[Batch]) -> Iterator[tuple[int, Batch]]:
    """Batches after their offsets, each taken off the list: what was sent must not stay in memory."""
    while batches:
        batch = batches.pop(0)
        yield offset, batch
        offset += len(batch.content)


def _from(reached: int, offset: int, batches: list[Batch]) -> tuple[int, list[Batch]]:
    """What some batches have from an offset on: a chunk that lies across two windows comes with both."""
    if offset == reached:
        return offset, batches
    first, place, number = batches[0], offset, 0
    for length in first.leaves.sizes:
        if place >= reached:
            break
        place, number = place + length, number + 1
    if place != reached:
        raise Corrupt
    if number == len(first.leaves):
        return reached, batches[1:]
    return reached, [Batch(first.content[place - offset :], first.leaves.part(number)), *batches[1:]]
