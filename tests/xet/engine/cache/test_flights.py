"""One fetch for all who want a file: shared, kept, and never ended cleanly before it is verified."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from offing.xet.engine.cache import Flights, Whereabouts
from offing.xet.engine.hashes import chunk_hash
from offing.xet.problems import Corrupt, UpstreamFailed, UpstreamTimedOut
from tests.xet.engine.cache.files import (
    Chunk,
    MadeUp,
    Source,
    cache_in,
    content_of,
    gathered,
    keep,
    made_up,
    recorded,
    recording_of,
)
from tests.xet.engine.cache.test_local import flip

FILE = made_up(160)


def reading(
    flights: Flights, source: Source, start: int = 0, end: int | None = None
) -> AsyncGenerator[bytes]:
    return flights.read(source.file.file_hash, source.file.size, source.fetch, start, end)


def test_many_readers_share_one_fetch_and_the_file_is_kept(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            told: list[str] = []
            flights, source = Flights(cache, kept=told.append), Source(FILE)
            all_of_them = await asyncio.gather(*(gathered(reading(flights, source)) for _ in range(8)))
            assert all(each == FILE.content for each in all_of_them)
            assert source.served == FILE.size
            await flights.close()
            assert told == [FILE.file_hash]
            assert flights.whereabouts(FILE.file_hash) is Whereabouts.CACHE
            assert await gathered(reading(flights, source)) == FILE.content
            assert source.served == FILE.size
            assert cache.statistics().entries == 1

    asyncio.run(check())


def test_who_comes_late_reads_the_beginning_from_the_disk(tmp_path: Path) -> None:
    async def check() -> None:
        go = asyncio.Event()
        half = FILE.size // 2
        source = Source(FILE, lambda offset: go.wait() if offset > half else None)
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache, window=1 << 20)
            first = asyncio.create_task(gathered(reading(flights, source)))
            await until(lambda: source.served >= half)
            late = [
                asyncio.create_task(gathered(reading(flights, source, start))) for start in (0, 777, half)
            ]
            await asyncio.sleep(0.02)
            go.set()
            assert await first == FILE.content
            assert [await each for each in late] == [FILE.content[start:] for start in (0, 777, half)]
            assert source.starts == [0]

    asyncio.run(check())


def test_a_reader_that_stands_still_holds_back_nobody_and_costs_a_window(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights, source = Flights(cache, window=1 << 20), Source(FILE)
            slow = reading(flights, source)
            got = await anext(slow)
            assert await gathered(reading(flights, source)) == FILE.content
            async for piece in slow:
                got += piece
            assert got == FILE.content
            assert source.starts == [0]

    asyncio.run(check())


def test_the_fetch_goes_on_when_the_first_reader_leaves_and_another_is_there(tmp_path: Path) -> None:
    async def check() -> None:
        source = Source(FILE, lambda _: asyncio.sleep(0.001))
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache)
            first = reading(flights, source)
            await anext(first)
            second = asyncio.create_task(gathered(reading(flights, source)))
            await asyncio.sleep(0.005)
            await first.aclose()
            assert await second == FILE.content
            assert (source.starts, source.left) == ([0], 0)

    asyncio.run(check())


def test_the_fetch_ends_with_its_last_reader_and_goes_on_from_there_later(tmp_path: Path) -> None:
    async def check() -> None:
        source = Source(FILE, lambda _: asyncio.sleep(0.001))
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache)
            async with aclosing(reading(flights, source, end=FILE.size // 2)) as leaving:
                async for _ in leaving:
                    pass
            assert await gathered(reading(flights, source)) == FILE.content
            assert source.left == 1
            assert 0 < source.starts[1] <= source.served
            assert source.served <= FILE.size + 2 * 4 * 128 * 1024
            await flights.close()
            assert await content_of(cache, FILE.file_hash) == FILE.content

    asyncio.run(check())


def test_a_failure_reaches_every_reader_after_what_they_could_have(tmp_path: Path) -> None:
    async def check() -> None:
        def fail(offset: int) -> None:
            if offset > FILE.size // 2:
                raise UpstreamFailed("no more")

        source = Source(FILE, fail)
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache, window=1 << 20)
            results = await asyncio.gather(*(until_failure(reading(flights, source)) for _ in range(4)))
            for content, error in results:
                assert isinstance(error, UpstreamFailed)
                assert FILE.size // 2 < len(content) < FILE.size
                assert FILE.content.startswith(content)
            source.before = None
            assert await gathered(reading(flights, source)) == FILE.content
            assert source.starts[1] > FILE.size // 2, "it goes on from there"

    asyncio.run(check())


def wrong(place: int) -> MadeUp:
    """The file with another chunk in one place, whose hash is that chunk's own."""
    content = bytes(reversed(FILE.chunks[place].content))
    chunks = [*FILE.chunks[:place], Chunk(content, chunk_hash(content)), *FILE.chunks[place + 1 :]]
    other = MadeUp(chunks)
    other.file_hash = FILE.file_hash
    return other


@pytest.mark.parametrize("place", [0, 80, 159])
def test_a_file_of_another_hash_never_ends(tmp_path: Path, place: int) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights, source = Flights(cache), Source(wrong(place))
            for _ in range(2):
                content, error = await until_failure(reading(flights, source))
                assert isinstance(error, Corrupt)
                assert len(content) <= FILE.size - sum(len(chunk.content) for chunk in FILE.chunks[-4:])
            assert source.starts == [0, 0], "nothing of it is kept"
            await flights.close()
            assert cache.statistics().bytes == 0

    asyncio.run(check())


def test_nothing_of_a_file_of_one_batch_comes_before_it_is_verified(tmp_path: Path) -> None:
    small = made_up(3)
    bad = replace(small)
    bad.file_hash = FILE.file_hash

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache)
            assert await gathered(reading(flights, Source(small))) == small.content
            content, error = await until_failure(reading(flights, Source(bad)))
            assert (content, type(error)) == (b"", Corrupt)

    asyncio.run(check())


@pytest.mark.parametrize("by", [-1, 1])
def test_a_source_of_another_length_fails(tmp_path: Path, by: int) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights, source = Flights(cache), Source(FILE)
            content, error = await until_failure(flights.read(FILE.file_hash, FILE.size + by, source.fetch))
            assert isinstance(error, UpstreamFailed if by > 0 else Corrupt)
            assert len(content) < FILE.size + by

    asyncio.run(check())


def test_a_lie_about_a_cached_files_size_is_refused(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            with pytest.raises(Corrupt):
                await gathered(Flights(cache).read(FILE.file_hash, FILE.size + 1, Source(FILE).fetch))
            assert cache.holds(FILE.file_hash)

    asyncio.run(check())


@pytest.mark.parametrize("place", [0, FILE.size // 2, FILE.size - 1])
def test_a_damaged_entry_is_fetched_again_unnoticed(tmp_path: Path, place: int) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            flip(tmp_path / "entries" / FILE.file_hash, place)
            flights, source = Flights(cache), Source(FILE)
            assert await gathered(reading(flights, source)) == FILE.content
            assert source.starts == [0]
            await flights.close()
            assert await content_of(cache, FILE.file_hash) == FILE.content
            assert cache.statistics().corrupt == 1

    asyncio.run(check())


def test_a_range_reads_along(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights, source = Flights(cache), Source(FILE)
            whole = asyncio.create_task(gathered(reading(flights, source)))
            await asyncio.sleep(0)
            for start, end in [(0, 10), (1_000_000, 3_000_000), (FILE.size - 5, FILE.size), (5, 5)]:
                assert await gathered(reading(flights, source, start, end)) == FILE.content[start:end]
            assert await whole == FILE.content
            assert source.starts == [0]

    asyncio.run(check())


def test_what_the_cache_cannot_take_is_streamed_at_the_readers_pace(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path, max_bytes=1 << 20) as cache:
            flights, source = Flights(cache, window=1 << 20), Source(FILE)
            stream = reading(flights, source)
            got = await anext(stream)
            await asyncio.sleep(0.02)
            assert source.served < 4 << 20
            async for piece in stream:
                got += piece
            assert got == FILE.content
            assert await gathered(reading(flights, source)) == FILE.content
            assert source.starts == [0, 0]
            assert cache.statistics().bytes == 0

    asyncio.run(check())


def test_all_files_on_their_way_share_what_stays_in_memory(tmp_path: Path) -> None:
    async def check() -> None:
        sources = [Source(made_up(80, seed=seed)) for seed in range(4)]
        async with cache_in(tmp_path, max_bytes=1 << 20) as cache:
            flights = Flights(cache, window=4 << 20, together=4 << 20)
            streams = [reading(flights, source) for source in sources]
            # One after the other: the first ones begin while there are fewer, and keep what they have taken.
            begun = [await anext(stream) for stream in streams]
            await asyncio.sleep(0.05)
            for number, source in enumerate(sources, 1):
                # Beyond its share: the batch that was taken, and the one that goes beyond.
                assert source.served < (4 << 20) / number + 2 * 4 * 128 * 1024
            for first, stream, source in zip(begun, streams, sources, strict=True):
                assert first + await gathered(stream) == source.file.content

    asyncio.run(check())


def test_the_fetch_waits_for_a_disk_that_is_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn, write = threading.Event(), os.pwritev

    def waiting(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        # A journal's label is written before anything is fetched.
        assert sum(map(len, buffers)) < 1000 or turn.wait(10)
        return write(descriptor, buffers, offset)

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights, source = Flights(cache, window=1 << 20), Source(FILE)
            monkeypatch.setattr(os, "pwritev", waiting)
            stream = asyncio.create_task(gathered(reading(flights, source)))
            await until(lambda: source.served > 1 << 19)
            await asyncio.sleep(0.05)
            assert source.served < 3 << 20, "what is not on the disk is in memory"
            turn.set()
            assert await stream == FILE.content
            await flights.settled(FILE.file_hash)
            assert await content_of(cache, FILE.file_hash) == FILE.content

    asyncio.run(check())


class FullDisk:
    """Makes a cache's disk take no more after some bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        write = os.pwritev
        self.written = 0

        def limited(descriptor: int, buffers: list[memoryview], offset: int) -> int:
            self.written += sum(map(len, buffers))
            if self.written > after:
                raise OSError(28, "No space left on device")
            return write(descriptor, buffers, offset)

        monkeypatch.setattr(os, "pwritev", limited)


def test_a_disk_that_fills_up_ends_no_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            FullDisk(monkeypatch, FILE.size // 2)
            flights, source = Flights(cache, window=1 << 20), Source(FILE)
            three = await asyncio.gather(*(gathered(reading(flights, source)) for _ in range(3)))
            assert all(each == FILE.content for each in three)
            assert source.starts == [0]
            await flights.close()
            assert cache.statistics().bytes == 0
            assert not cache.holds(FILE.file_hash)

    asyncio.run(check())


def test_on_a_full_disk_who_stands_still_is_given_up_and_who_comes_late_fetches_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            FullDisk(monkeypatch, 2 << 20)
            flights, source = Flights(cache, window=1 << 20, patience=0.05), Source(FILE)
            still, moving = reading(flights, source), reading(flights, source)
            await anext(still)
            got = await anext(moving)
            while len(got) < 5 << 20:
                got += await anext(moving)
            late = asyncio.create_task(gathered(reading(flights, source)))
            async for piece in moving:
                got += piece
            assert got == FILE.content
            assert await late == FILE.content
            assert source.starts == [0, 0]
            with pytest.raises(UpstreamTimedOut):
                await gathered(still)

    asyncio.run(check())


def test_room_is_made_when_the_disk_is_full_before_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = made_up(4, seed=5)
    write = os.pwritev

    def limited(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        if (tmp_path / "entries" / other.file_hash).exists():
            raise OSError(28, "No space left on device")
        return write(descriptor, buffers, offset)

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, other)
            recording = await recording_of(cache, FILE)
            monkeypatch.setattr(os, "pwritev", limited)
            assert await recorded(recording, FILE.chunks)
            assert recording.verified()
            assert await recording.commit()
            recording.close()
            assert not cache.holds(other.file_hash)
            assert cache.statistics().evictions == 1

    asyncio.run(check())


def test_closing_tells_the_readers_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    async def check() -> None:
        source = Source(FILE, lambda offset: asyncio.sleep(60) if offset > FILE.size // 2 else None)
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache)
            reader = asyncio.create_task(until_failure(reading(flights, source)))
            await until(lambda: source.served > FILE.size // 2)
            await flights.close()
            content, error = await reader
            assert isinstance(error, UpstreamFailed)
            assert FILE.content.startswith(content)
        async with cache_in(tmp_path) as cache:
            assert FILE.size // 3 < cache.statistics().bytes < FILE.size * 3 // 4
            source.before = None
            assert await gathered(reading(Flights(cache), source)) == FILE.content
            assert source.starts[1] >= FILE.size // 3

    asyncio.run(check())


def test_readers_of_different_files_do_not_meet(tmp_path: Path) -> None:
    files = [made_up(20, seed=seed) for seed in range(5)]

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            flights = Flights(cache)
            got = await asyncio.gather(*(gathered(reading(flights, Source(file))) for file in files * 2))
            assert got == [file.content for file in files * 2]
            await flights.close()
            assert cache.statistics().entries == 5

    asyncio.run(check())


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.001)


async def until_failure(pieces: AsyncGenerator[bytes]) -> tuple[bytes, Exception | None]:
    """What came, and what ended it."""
    content = b""
    try:
        async for piece in pieces:
            content += piece
    except Exception as error:  # noqa: BLE001  it is what is asked for
        return content, error
    return content, None


def test_the_cache_is_no_secret_passage(tmp_path: Path) -> None:
    """A hash of a wrong form is refused before anything is fetched."""

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            source = Source(FILE)
            with pytest.raises(ValueError, match="not a hash"):
                await gathered(Flights(cache).read("../../etc/passwd", FILE.size, source.fetch))
            assert source.starts == []

    asyncio.run(check())
