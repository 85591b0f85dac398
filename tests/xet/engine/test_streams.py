"""Streams side by side: memory, fairness, closing, ranges, and no more asked for than is needed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.xet.engine.budget import Budget
from offing.xet.engine.cas import Cas
from offing.xet.engine.limits import Limits
from offing.xet.engine.load import Source
from offing.xet.engine.nodes import Nodes
from offing.xet.engine.reader import Reader
from offing.xet.engine.resolved import Resolved
from offing.xet.engine.stream import stream
from offing.xet.engine.tokens import Access
from offing.xet.engine.verify import KnownChunks, Unchecked, WholeFile
from offing.xet.engine.windows import FEWEST, MEBIBYTE, Pace
from offing.xet.hub.faults import Rule
from offing.xet.problems import BadRange, Corrupt
from tests.kernel.fetch.servers import Received, answer
from tests.xet.engine.scripted_store import ScriptedStore, Told
from tests.xet.engine.scripted_store import source_of as scripted_source
from tests.xet.engine.stocked import (
    FILES,
    REPOSITORY,
    Outcome,
    Stocked,
    busy,
    collect,
    impatient,
    left_alone,
    read,
)
from tests.xet.engine.xorbs import Xorb

LARGE = FILES["large.bin"]


def source_of(reader: Reader, file: Resolved, pace: Pace) -> Source:
    """What a stream of a file reads from, at a pace that the test looks at."""

    async def access(refused: Access | None) -> Access:
        return await reader.hub.cas_access(file.pinned, None, refused=refused)

    cas = Cas(reader.http, access, reader.retries)
    return Source(reader.http, cas, file.xet_hash or "", reader.retries, pace, Limits())


# Ranges.


@given(name=st.sampled_from(sorted(FILES)), part=st.data(), plain=st.booleans())
@settings(max_examples=40)
def test_any_range_is_that_part_of_the_file(
    filled_anew: Stocked, name: str, part: st.DataObject, *, plain: bool
) -> None:
    content = FILES[name]
    near = st.sampled_from([0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE, len(content)])
    places = st.one_of(st.integers(0, len(content)), near.map(lambda place: min(place, len(content))))
    start, end = sorted((part.draw(places), part.draw(places)))

    async def test(reader: Reader) -> None:
        outcome = await read(reader, name, start, end, plain=plain)
        assert outcome == Outcome(content[start:end], None)

    filled_anew.reset()
    filled_anew.run(test)


def test_ranges_outside_the_file_are_refused(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        for start, end in ((-1, 5), (5, 4), (0, file.size + 1), (file.size + 1, file.size + 1)):
            with pytest.raises(BadRange):
                reader.stream(file, start, end)
        for place in (0, 7, file.size):
            assert await collect(reader.stream(file, place, place)) == Outcome(b"", None)

    stocked.run(test)


def test_a_range_of_known_chunks_is_verified(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        hash_ = file.xet_hash or ""
        whole = WholeFile(hash_, file.size)
        await collect(reader.verified(file.pinned, hash_, 0, file.size, whole, token=None))
        known = KnownChunks(whole.digests, whole.lengths)
        start, end = 2_000_000, 5_000_000
        good = await collect(reader.verified(file.pinned, hash_, start, end, known, token=None))
        assert good == Outcome(LARGE[start:end], None)
        stocked.hub.set_faults(Rule(what="flip", on="xorb", at=3_000_000))
        bad = await collect(reader.verified(file.pinned, hash_, start, end, known, token=None))
        assert isinstance(bad.problem, Corrupt)
        assert LARGE[start:end].startswith(bad.content)

    stocked.run(test)


def test_the_chunks_of_a_range_are_those_that_it_lies_in(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "edited.bin")
        hash_, content = file.xet_hash or "", FILES["edited.bin"]
        whole = WholeFile(hash_, file.size)
        async with aclosing(reader.batches(file.pinned, hash_, 0, file.size, token=None)) as batches:
            everything = [batch async for batch in batches]
        assert b"".join(batch.content for batch in everything) == content
        whole.chunks(0, Nodes.of(leaf for batch in everything for leaf in batch.leaves))
        whole.end()
        async with aclosing(reader.batches(file.pinned, hash_, 1_500_000, 1_500_001, token=None)) as batches:
            (only,) = [batch async for batch in batches]
        assert len(only.leaves) == 1
        assert only.content in content

    stocked.run(test)


# No more than is needed.


@pytest.mark.parametrize("name", ["edited.bin", "zeros.bin", "large.bin", "mixed.bin"])
@pytest.mark.parametrize("second_version", [True, False])
def test_what_several_terms_share_is_fetched_once(
    stocked: Stocked, name: str, *, second_version: bool
) -> None:
    stocked.hub.settings.second_version = second_version

    async def test(reader: Reader) -> None:
        assert (await read(reader, name)).content == FILES[name]
        assert stocked.hub.log.totals["xorb"].bytes <= 1.1 * len(FILES[name])
        assert stocked.hub.log.totals["xorb"].requests <= 60

    stocked.run(test)


def test_a_window_begins_where_the_last_chunk_of_the_one_before_ends(stocked: Stocked) -> None:
    class OneAtATime(Pace):
        def __init__(self) -> None:
            super().__init__()
            self.parallel = 1

        def next_window(self, share: int) -> int:
            return min(MEBIBYTE, super().next_window(share))

        def arrived(self, waited: float, now: float, share: int) -> None:
            pass

    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        whole = WholeFile(file.xet_hash or "", file.size)
        outcome = await collect(stream(source_of(reader, file, OneAtATime()), Budget(), whole, 0, file.size))
        assert outcome.content == LARGE
        ends = {0, *accumulate(whole.lengths)}
        asked = stocked.hub.log.of("reconstruction")
        assert len(asked) > file.size // (2 * MEBIBYTE)
        assert {int(each.headers["range"][6:].split("-")[0]) for each in asked} <= ends

    stocked.run(test)


@pytest.mark.parametrize("name", ["large.bin", "edited.bin"])
def test_expired_urls_are_planned_anew_from_where_the_stream_is(stocked: Stocked, name: str) -> None:
    stocked.hub.settings.url_seconds = 0.25

    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(megabytes_per_second=40)
        content, pauses = bytearray(), 0
        file = await reader.resolve(REPOSITORY, name)
        async with aclosing(reader.stream(file)) as pieces:
            async for piece in pieces:
                content += piece
                if len(content) > 2_000_000 * (pauses + 1):
                    pauses += 1
                    await asyncio.sleep(0.4)
        assert content == FILES[name]
        asked = stocked.hub.log.of("xorb")
        assert any(each.status == 403 for each in asked)
        assert stocked.hub.log.totals["xorb"].bytes <= 1.3 * len(content)
        starts = [
            int(each.headers["range"][6:].split("-")[0]) for each in stocked.hub.log.of("reconstruction")
        ]
        assert starts.count(0) == 1

    stocked.run(test)


def test_one_refusal_is_enough_to_know_that_a_plan_is_old(stocked: Stocked) -> None:
    xorbs = [Xorb([random.Random(number).randbytes(20_000)], [0]) for number in range(30)]  # noqa: S311  the same
    store = ScriptedStore([(xorb, 0, 1) for xorb in xorbs])
    refused = 0

    async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
        nonlocal refused
        is_old = "/xorbs/" in asked.target and is_late and "sig=new" not in asked.target
        if is_old:
            refused += 1
            writer.write(answer(b"", "403 F"))
        return is_old

    def plan(told: Told) -> Told:
        for several in told["xorbs"].values():
            several[0]["url"] = several[0]["url"].replace("sig=secret", "sig=new" if is_late else "sig=old")
        return told

    is_late = False
    store.respond, store.plan = respond, plan

    async def test(_: Reader) -> None:
        nonlocal is_late
        pace = Pace()
        pace.parallel = 1
        async with scripted_source(store, pace=pace) as source:
            whole = WholeFile(store.hash, store.size)
            pieces = stream(source, Budget(), whole, 0, store.size)
            content = await anext(pieces)
            is_late = True
            outcome = await collect(pieces)
            assert content + outcome.content == store.content
        assert 1 <= refused <= 3

    stocked.run(test)


def test_a_plan_that_failed_while_nobody_waited_is_made_again(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(Rule(what="status", on="reconstruction", first=1))
        pieces = reader.stream(await reader.resolve(REPOSITORY, "large.bin"))
        content = await anext(pieces)
        await asyncio.sleep(0.1)
        assert stocked.hub.log.of("reconstruction")[-1].status == 500
        stocked.hub.set_faults()
        assert content + (await collect(pieces)).content == LARGE

    stocked.run(test)


def test_a_cut_body_is_taken_up_where_it_ended(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(Rule(what="cut", on="xorb", at=900_000, every=2))
        assert (await read(reader, "large.bin")).content == LARGE
        assert stocked.hub.log.totals["xorb"].bytes <= 1.5 * len(LARGE)

    stocked.run(test)


def test_tokens_are_kept_until_they_are_about_to_expire(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        asked = stocked.hub.log.totals["token"]
        for _ in range(3):
            assert (await read(reader, "large.bin", 0, 9)).content == LARGE[:9]
        assert asked.requests == 1

    stocked.run(test)
    stocked.reset()
    # Less than the minute that a token must be good for.
    stocked.hub.settings.token_seconds = 30

    async def again(reader: Reader) -> None:
        asked = stocked.hub.log.totals["token"]
        for number in range(3):
            assert (await read(reader, "large.bin", 0, 9)).content == LARGE[:9]
            assert asked.requests == number + 1

    stocked.run(again)


def test_a_token_that_the_store_refuses_is_renewed(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        asked = stocked.hub.log.totals["token"]
        assert (await read(reader, "large.bin", 0, 9)).content == LARGE[:9]
        stocked.hub.set_faults(Rule(what="status", on="reconstruction", status=401, times=1))
        assert (await read(reader, "large.bin", 0, 9)).content == LARGE[:9]
        assert asked.requests == 2

    stocked.run(test)


def test_a_429_lowers_the_number_of_requests(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        pace = Pace()
        pace.parallel = 16
        stocked.hub.set_faults(Rule(what="status", on="xorb", status=429, retry_after=0, every=2, times=8))
        whole = WholeFile(file.xet_hash or "", file.size)
        outcome = await collect(stream(source_of(reader, file, pace), Budget(), whole, 0, file.size))
        assert outcome == Outcome(LARGE, None)
        # All that were under way got the same answer: that is one, or after half a second two.
        assert FEWEST <= pace.parallel <= 8

    stocked.run(test, retries=impatient(8))


# Closing.


def test_a_stream_that_is_closed_at_any_moment_frees_everything(stocked: Stocked) -> None:
    chance = random.Random(21)  # noqa: S311  the same in every run

    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        for number in range(60):
            trouble = Rule(
                what="status", on=chance.choice(["xorb", "reconstruction"]), every=chance.randint(2, 5)
            )
            stocked.hub.set_faults(
                *([trouble] if number % 3 else []),
                megabytes_per_second=60,
                latency_ms=chance.choice([0, 2, 10]),
            )
            reading = asyncio.create_task(collect(reader.stream(file)))
            await asyncio.sleep(chance.uniform(0, 0.06))
            reading.cancel()
            await asyncio.wait([reading])
            # Not after a while: at once. One that has next to nothing left may end by itself.
            assert busy(reader) <= 1
            await left_alone(reader, 1.5)

    stocked.run(test)


def test_a_stream_that_is_left_is_closed_with_its_generator(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        for plain in (False, True):
            found = await first_of(reader, file, plain=plain)
            assert found
            assert reader.budget.streams == 0
            await left_alone(reader)

    stocked.run(test)


async def first_of(reader: Reader, file: Resolved, *, plain: bool) -> bytes:
    """The first piece of a stream that is not read on."""
    pieces = reader.stream(file) if not plain else reader.stream(file, 0, file.size - 1)
    async with aclosing(pieces):
        return await anext(pieces)


# Side by side.


def test_stalled_streams_hold_no_connection_and_starve_nobody(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        stalled: list[AsyncGenerator[bytes, None]] = []
        for _ in range(40):
            pieces = reader.stream(file)
            await anext(pieces)
            stalled.append(pieces)
        await asyncio.sleep(0.3)
        assert busy(reader) == 0
        outcomes = await asyncio.gather(*(read(reader, "large.bin") for _ in range(8)))
        assert all(outcome == Outcome(LARGE, None) for outcome in outcomes)
        for pieces in stalled:
            await pieces.aclose()
        assert reader.budget.streams == 0

    stocked.run(test)


def test_more_streams_than_connections_all_come_to_their_end(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        reader.http._pool._places._value = 4  # noqa: SLF001  instead of 256
        file = await reader.resolve(REPOSITORY, "mixed.bin")
        slow = [reader.stream(file) for _ in range(8)]
        for pieces in slow:
            await anext(pieces)
        outcomes = await asyncio.gather(*(read(reader, "edited.bin") for _ in range(8)))
        assert all(outcome.content == FILES["edited.bin"] for outcome in outcomes)
        rest = [await collect(pieces) for pieces in slow]
        assert all(outcome.problem is None for outcome in rest)
        assert all(FILES["mixed.bin"].endswith(outcome.content) for outcome in rest)

    stocked.run(test)


def test_what_a_stalled_stream_holds_is_bounded(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        budget, pace = Budget(4 * MEBIBYTE), Pace()
        pace.parallel = 24
        tracemalloc.start()
        pieces = stream(source_of(reader, file, pace), budget, Unchecked(), 0, file.size)
        await anext(pieces)
        await asyncio.sleep(0.4)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < budget.share + 4 * MEBIBYTE
        assert (await collect(pieces)).problem is None

    stocked.run(test)


def test_a_stalled_stream_gives_up_what_others_have_a_right_to(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        budget, pace = Budget(12 * MEBIBYTE), Pace()
        pace.parallel = 12
        tracemalloc.start()
        first = stream(source_of(reader, file, pace), budget, Unchecked(), 0, file.size)
        content = await anext(first)
        await asyncio.sleep(0.3)
        alone, _ = tracemalloc.get_traced_memory()
        others = [stream(source_of(reader, file, Pace()), budget, Unchecked(), 0, 100) for _ in range(5)]
        for other in others:
            await anext(other)
        await asyncio.sleep(0.1)
        together, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert together < alone - 2 * MEBIBYTE
        for other in others:
            await other.aclose()
        outcome = await collect(first)
        assert content + outcome.content == LARGE

    stocked.run(test)


MEASURE = """
import asyncio, pathlib, sys
from offing.xet.engine.reader import Reader

def peak():
    # Not ru_maxrss, which begins with the parent's.
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024

async def main(base, name, count):
    async with Reader(base) as reader:
        file = await reader.resolve("acme/model", name)
        async for _ in reader.stream(file, 0, 1000):
            pass
        before = peak()
        streams = [reader.stream(file) for _ in range(count)]
        for pieces in streams:
            await anext(pieces)
        await asyncio.sleep(0.5)
        print(peak() - before)
        for pieces in streams:
            await pieces.aclose()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.mark.parametrize(("name", "count", "most"), [("zeros.bin", 1, 40), ("large.bin", 8, 100)])
def test_resident_memory_of_stalled_streams_stays_small(
    stocked: Stocked, name: str, count: int, most: int
) -> None:
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, stocked.hub.base, name, str(count)],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert int(told.stdout) < most


def test_a_stream_that_is_cancelled_while_it_closes_leaves_nothing(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        stocked.hub.set_faults(megabytes_per_second=10)
        for turns in range(12):
            reading = asyncio.create_task(collect(reader.stream(file)))
            await asyncio.sleep(0.03)
            reading.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading
            await left_alone(reader, 1.5)
            assert reader.budget.streams == 0

    stocked.run(test)
