"""A run of chunks: however its bytes arrive, the same chunks come out, and memory stays bounded."""

from __future__ import annotations

import asyncio
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.xet.engine.chunks import BadChunk
from offing.xet.engine.plan import Fetch, Term
from offing.xet.engine.run import LARGEST_SEGMENT, SEGMENT, Run
from tests.xet.engine.xorbs import Xorb, some_xorb

XORB = some_xorb(random.Random(8), 30)  # noqa: S311  the same in every run
LARGE = Xorb([random.Random(9).randbytes(131_072)] * 40, [0] * 40)  # noqa: S311  the same in every run


def term(xorb: Xorb, first: int, end: int, fetched: tuple[int, int] | None = None) -> Term:
    """Some chunks of a xorb, fetched with their neighbours or alone."""
    low, high = xorb.span(*(fetched or (first, end)))
    fetch = Fetch("http://store.test/x", *(fetched or (first, end)), low, high)
    return Term(fetch, first, end, 0, sum(map(len, xorb.chunks[first:end])))


def feed(run: Run, data: bytes, pieces: list[int]) -> None:
    """Give bytes as a socket would, in pieces of these sizes in turn."""
    place, turn = 0, 0
    while place < len(data):
        room = run.room()
        count = min(len(room), pieces[turn % len(pieces)], len(data) - place)
        room[:count] = data[place : place + count]
        run.filled(count)
        place, turn = place + count, turn + 1
    run.ended(None)


def taken(run: Run) -> bytes:
    """All that comes out."""

    async def take() -> bytes:
        content = b""
        while batches := await run.take():
            for batch in batches:
                assert len(batch.content) == sum(batch.leaves.sizes)
                content += batch.content
        return content

    return asyncio.run(asyncio.wait_for(take(), 10))


@settings(deadline=None)
@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=5), st.data())
def test_the_chunks_of_a_term_come_out_however_the_bytes_arrive(
    pieces: list[int], data: st.DataObject
) -> None:
    low = data.draw(st.integers(0, 29))
    high = data.draw(st.integers(low + 1, 30))
    first = data.draw(st.integers(low, high - 1))
    end = data.draw(st.integers(first + 1, high))
    run = Run(term(XORB, first, end, (low, high)), 1 << 30)
    span = XORB.span(low, high)
    feed(run, XORB.data[span[0] : span[1] + 1], [max(each, 50) for each in pieces])
    assert taken(run) == b"".join(XORB.chunks[first:end])


def test_the_first_chunk_does_not_wait_for_a_whole_segment_where_a_reader_does() -> None:
    async def read() -> None:
        run = Run(term(LARGE, 0, 40), 1 << 30)
        reader = asyncio.create_task(run.take())
        await asyncio.sleep(0)
        room = run.room()
        room[:140_000] = LARGE.data[:140_000]
        run.filled(140_000)
        [batch] = await asyncio.wait_for(reader, 5)
        assert batch.content == LARGE.chunks[0]

    asyncio.run(read())


class Wire:
    """Stands where the connection is: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pause(self) -> None:
        """Be told."""
        self.told.append("pause")

    def resume(self) -> None:
        """Be told."""
        self.told.append("resume")

    def abort(self) -> None:
        """Be told."""
        self.told.append("abort")


def test_reading_stops_while_more_than_the_allowance_waits_or_is_in_hand() -> None:
    async def slow_reader() -> None:
        run, wire = Run(term(LARGE, 0, 40), 1_000_000), Wire()
        run.attach(wire)  # type: ignore[arg-type]
        place = 0
        while "pause" not in wire.told:
            room = run.room()
            room[:] = LARGE.data[place : place + len(room)]
            place += len(room)
            run.filled(len(room))
        assert place < 1_000_000 + 2 * SEGMENT
        taken = sum(len(batch.content) for batch in await run.take())
        assert taken > 1_000_000 - SEGMENT
        assert wire.told == ["pause"]  # what is in hand is held, until there is asked for more
        following = asyncio.create_task(run.take())
        await asyncio.sleep(0)
        assert wire.told == ["pause", "resume"]
        following.cancel()
        run.close()
        assert wire.told[-1] == "abort"

    asyncio.run(slow_reader())


def test_an_answer_of_fewer_chunks_than_planned_is_refused() -> None:
    data = XORB.data[: XORB.ends[2]]
    run = Run(Term(Fetch("http://store.test/x", 0, 4, 0, len(data) - 1), 0, 4, 0, 1 << 20), 1 << 30)
    feed(run, data, [1000])
    with pytest.raises(BadChunk):
        taken(run)


def test_half_a_chunk_at_the_end_of_an_answer_is_refused() -> None:
    data = XORB.data[: XORB.ends[2] - 1]
    run = Run(Term(Fetch("http://store.test/x", 0, 3, 0, len(data) - 1), 0, 3, 0, 1 << 20), 1 << 30)
    with pytest.raises(BadChunk):
        feed(run, data, [1000])


def test_more_content_than_the_plan_says_is_refused() -> None:
    data = XORB.data[: XORB.ends[2]]
    length = sum(map(len, XORB.chunks[:3]))
    run = Run(Term(Fetch("http://store.test/x", 0, 3, 0, len(data) - 1), 0, 3, 0, length - 1), 1 << 30)
    with pytest.raises(BadChunk):
        feed(run, data, [1000])


ZEROS = Xorb([bytes(131_072)] * 800, [1] * 800)
"""100 MiB in half of one."""


def test_what_decodes_to_far_more_than_was_sent_is_decoded_as_it_is_taken() -> None:
    async def read() -> None:
        run, wire = Run(term(ZEROS, 0, 800), 4_000_000), Wire()
        run.attach(wire)  # type: ignore[arg-type]
        place, taken, most = 0, 0, 0
        tracemalloc.start()
        while taken < 800 * 131_072:
            while place < len(ZEROS.data) and wire.told[-1:] != ["pause"]:
                room = run.room()[: len(ZEROS.data) - place]
                room[:] = ZEROS.data[place : place + len(room)]
                place += len(room)
                run.filled(len(room))
                if place == len(ZEROS.data):
                    run.ended(None)
            batches = await run.take()
            assert batches
            for batch in batches:
                assert not any(batch.content[::65_537])
                taken += len(batch.content)
            most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert await run.take() == []
        assert most < 10_000_000

    asyncio.run(asyncio.wait_for(read(), 20))


def test_bytes_that_a_damaged_answer_holds_back_are_found_out_when_they_are_decoded() -> None:
    data = bytearray(ZEROS.data)
    data[ZEROS.ends[700]] ^= 1
    run = Run(term(ZEROS, 0, 800), 4_000_000)
    run.attach(Wire())  # type: ignore[arg-type]
    feed(run, bytes(data), [100_000])
    with pytest.raises(BadChunk):
        taken(run)


def test_no_more_of_a_term_is_decoded_than_is_wanted() -> None:
    run = Run(term(LARGE, 0, 40), 1 << 30, most=1_000_000)
    feed(run, LARGE.data, [100_000])
    got = taken(run)
    assert 1_000_000 <= len(got) < 1_000_000 + LARGEST_SEGMENT
    assert b"".join(LARGE.chunks).startswith(got)
