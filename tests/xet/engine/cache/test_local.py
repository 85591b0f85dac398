"""Files on disk: what was verified comes back, what rotted never does, and the bound holds."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.xet.engine.cache import Cache, CorruptEntry, NotThisFile, UnsafeFolder
from offing.xet.engine.cache.descriptor import Closed
from offing.xet.engine.hashes import chunk_hash
from tests.xet.engine.cache.files import (
    Chunk,
    cache_in,
    content_of,
    keep,
    kept,
    made_up,
    recorded,
    recording_of,
)

FILE = made_up()


def test_a_file_that_was_recorded_comes_back(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path / "cache") as cache:
            assert await content_of(cache, FILE.file_hash) is None
            await keep(cache, FILE)
            assert await content_of(cache, FILE.file_hash) == FILE.content
            figures = cache.statistics()
            assert (figures.entries, figures.hits, figures.misses) == (1, 1, 1)
            assert FILE.size < figures.bytes < FILE.size * 1.01
        async with cache_in(tmp_path / "cache") as another:
            assert another.holds(FILE.file_hash)
            assert await content_of(another, FILE.file_hash) == FILE.content

    asyncio.run(check())


def test_any_range_comes_back_exactly(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("cache")

    async def check(start: int, end: int) -> None:
        async with cache_in(folder) as cache:
            if not cache.holds(FILE.file_hash):
                await keep(cache, FILE)
            assert await content_of(cache, FILE.file_hash, start, end) == FILE.content[start:end]

    @given(st.integers(0, FILE.size + 10), st.integers(0, FILE.size + 10))
    @settings(max_examples=30, deadline=None)
    def ask(start: int, end: int) -> None:
        asyncio.run(check(start, end))

    ask()
    edge = len(FILE.chunks[0].content)
    for start, end in [(0, 1), (edge, edge + 1), (edge - 1, edge), (FILE.size - 1, FILE.size), (0, edge)]:
        asyncio.run(check(start, end))


def test_pieces_are_about_a_mebibyte(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            file = await cache.open(FILE.file_hash)
            assert file is not None
            lengths = [len(piece) async for piece in file.read()]
            file.close()
            assert all(768 << 10 < length <= 1 << 20 for length in lengths[:-1])

    asyncio.run(check())


@pytest.mark.parametrize("place", [0, 5, 100_000, FILE.size // 2, FILE.size - 1])
def test_a_rotten_byte_is_never_handed_out_and_the_entry_goes(tmp_path: Path, place: int) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            flip(tmp_path / "entries" / FILE.file_hash, place)
            file = await cache.open(FILE.file_hash)
            assert file is not None
            got = b""
            reading = file.read()
            with pytest.raises(CorruptEntry) as raised:  # noqa: PT012  what came before is wanted
                while True:
                    got += await anext(reading)
            assert raised.value.offset == len(got) <= place
            assert FILE.content.startswith(got)
            file.close()
            assert await cache.open(FILE.file_hash) is None
            assert not (tmp_path / "entries" / FILE.file_hash).exists()
            assert cache.statistics().corrupt == 1
            assert cache.statistics().bytes == 0
            await keep(cache, FILE)
            assert await content_of(cache, FILE.file_hash) == FILE.content

    asyncio.run(check())


def test_rot_in_each_byte_of_table_and_trailer_is_noticed(tmp_path: Path) -> None:
    small = made_up(4, largest=4096)

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            path = tmp_path / "entries" / small.file_hash
            await keep(cache, small)
            whole, noticed = path.read_bytes(), 0
            for place in range(small.size, len(whole)):
                path.write_bytes(whole)
                flip(path, place)
                try:
                    assert await content_of(cache, small.file_hash) is None
                except CorruptEntry:
                    noticed += 1
                assert not cache.holds(small.file_hash)
            assert noticed >= len(small.chunks) * 32

    asyncio.run(check())


@pytest.mark.parametrize("length", [0, 10, 64, 1000, FILE.size, FILE.size + 100])
def test_an_entry_that_was_cut_is_no_entry(tmp_path: Path, length: int) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            os.truncate(tmp_path / "entries" / FILE.file_hash, length)
            assert await cache.open(FILE.file_hash) is None
            assert cache.statistics().corrupt == 1

    asyncio.run(check())


def test_an_entry_under_another_files_name_is_no_entry(tmp_path: Path) -> None:
    other = made_up(3, seed=1)

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            (tmp_path / "entries" / FILE.file_hash).rename(tmp_path / "entries" / other.file_hash)
            assert await cache.open(other.file_hash) is None

    asyncio.run(check())


def test_content_that_is_not_the_file_is_not_kept(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            recording = await recording_of(cache, FILE)
            swapped = [FILE.chunks[1], FILE.chunks[0], *FILE.chunks[2:]]
            assert await recorded(recording, swapped)
            assert not recording.verified()
            assert not await recording.commit()
            recording.close()
            assert not cache.holds(FILE.file_hash)
            assert cache.statistics().bytes == 0
            assert list((tmp_path / "incoming").iterdir()) == []

    asyncio.run(check())


def test_nothing_follows_what_was_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> int:
        raise RuntimeError("not the disk's fault")

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            recording = await recording_of(cache, FILE)
            with monkeypatch.context() as patched:
                patched.setattr(os, "pwritev", failing)
                with pytest.raises(RuntimeError):
                    await recorded(recording, FILE.chunks[:10])
            assert not await recorded(recording, FILE.chunks[10:])
            assert recording.recorded == 0
            assert recording.verified()
            assert not await recording.commit()
            recording.close()
            assert not cache.holds(FILE.file_hash)

    asyncio.run(check())


@pytest.mark.parametrize("content", [b"", b"x" * (128 * 1024 + 1), b"y" * 1000])
def test_a_chunk_that_cannot_be_is_refused(tmp_path: Path, content: bytes) -> None:
    small = made_up(1, largest=512)

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            recording = await recording_of(cache, small)
            with pytest.raises(NotThisFile):
                await recorded(recording, [Chunk(content, chunk_hash(content))])
            await recording.abandon()
            recording.close()

    asyncio.run(check())


def test_a_table_that_would_outgrow_its_file_is_not_written(tmp_path: Path) -> None:
    chunks = [Chunk(bytes([number % 256]), chunk_hash(bytes([number % 256]))) for number in range(1000)]

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            recording = await cache.record(FILE.file_hash, 1000)
            assert recording is not None
            assert not await recorded(recording, chunks)
            assert recording.tree.size == 1000
            await recording.abandon()
            recording.close()

    asyncio.run(check())


def test_the_least_recently_used_leaves_first(tmp_path: Path) -> None:
    files = [made_up(4, seed=seed) for seed in range(4)]

    async def check() -> None:
        room = sum(file.size for file in files[:3]) + 3 * 8192
        async with cache_in(tmp_path, room) as cache:
            await keep(cache, *files[:3])
            assert await content_of(cache, files[0].file_hash)
            await keep(cache, files[3])
            assert cache.holds(files[0].file_hash), "it was used since"
            assert not cache.holds(files[1].file_hash)
            assert cache.holds(files[3].file_hash)
            assert cache.statistics().bytes <= room
            assert cache.statistics().evictions >= 1
            assert sum(path.stat().st_size for path in (tmp_path / "entries").iterdir()) <= room

    asyncio.run(check())


def test_the_order_of_use_outlives_the_process(tmp_path: Path) -> None:
    files = [made_up(4, seed=seed, largest=16384) for seed in range(3)]

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, *files)
            for age, file in enumerate([files[1], files[0], files[2]]):
                os.utime(tmp_path / "entries" / file.file_hash, (0, time.time() - 3600 + age * 100))
        async with cache_in(tmp_path) as cache:
            assert [item.file_hash for item in await cache.entries()] == [
                files[1].file_hash,
                files[0].file_hash,
                files[2].file_hash,
            ]
            assert await content_of(cache, files[1].file_hash)
        async with cache_in(tmp_path) as cache:
            assert [item.file_hash for item in await cache.entries()][-1] == files[1].file_hash

    asyncio.run(check())


def test_an_open_file_is_not_evicted(tmp_path: Path) -> None:
    first, second = made_up(8, seed=1), made_up(8, seed=2)

    async def check() -> None:
        async with cache_in(tmp_path, max(first.size, second.size) + 65536) as cache:
            await keep(cache, first)
            file = await cache.open(first.file_hash)
            assert file is not None
            assert await cache.record(second.file_hash, second.size) is None
            assert cache.holds(first.file_hash)
            file.close()
            await keep(cache, second)
            assert kept(cache, [first, second]) == [False, True]

    asyncio.run(check())


def test_a_file_stays_readable_when_its_entry_is_deleted(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            file = await cache.open(FILE.file_hash)
            assert file is not None
            reading = file.read()
            got = await anext(reading)
            assert await cache.remove(FILE.file_hash)
            assert not await cache.remove(FILE.file_hash)
            got += b"".join([piece async for piece in reading])
            assert got == FILE.content
            file.close()
            with pytest.raises(Closed):
                await anext(file.read())

    asyncio.run(check())


def test_what_does_not_fit_is_not_recorded(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path, FILE.size) as cache:
            assert await cache.record(FILE.file_hash, FILE.size) is None
            assert await cache.record(FILE.file_hash, 0) is None
            assert await cache.record(FILE.file_hash, -1) is None
            assert await cache.record(FILE.file_hash, 1 << 62) is None
        async with cache_in(tmp_path, 1 << 60) as cache:
            assert await cache.record(FILE.file_hash, 1 << 58) is None, "the disk is smaller"
            assert list((tmp_path / "incoming").iterdir()) == []

    asyncio.run(check())


def test_a_file_has_one_writer(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache, cache_in(tmp_path) as other:
            recording = await recording_of(cache, FILE)
            assert await cache.record(FILE.file_hash, FILE.size) is None
            assert await other.record(FILE.file_hash, FILE.size) is None
            await other.clear()
            await recorded(recording, FILE.chunks)
            assert recording.verified()
            assert await recording.commit()
            recording.close()
            assert await other.record(FILE.file_hash, FILE.size) is None
            assert await content_of(other, FILE.file_hash) == FILE.content

    asyncio.run(check())


def test_two_caches_on_one_folder_keep_one_bound(tmp_path: Path) -> None:
    files = [made_up(6, seed=seed) for seed in range(8)]
    room = sum(file.size for file in files[:3]) + 65536

    async def check() -> None:
        async with cache_in(tmp_path, room) as cache, cache_in(tmp_path, room) as other:
            for number, file in enumerate(files):
                await keep(other if number % 2 else cache, file)
                assert sum(path.stat().st_size for path in (tmp_path / "entries").iterdir()) <= room
            there = {path.name for path in (tmp_path / "entries").iterdir()}
            for each in (cache, other):
                assert {item.file_hash for item in await each.entries()} == there
            assert files[-1].file_hash in there
            assert files[0].file_hash not in there

    asyncio.run(check())


def test_what_another_process_used_is_not_evicted_first(tmp_path: Path) -> None:
    files = [made_up(6, seed=seed, largest=65536) for seed in range(3)]

    async def check() -> None:
        async with cache_in(tmp_path, files[0].size + files[1].size + 32768) as cache:
            await keep(cache, files[0], files[1])
            later = time.time() + 100
            os.utime(tmp_path / "entries" / files[1].file_hash, (0, 0))
            os.utime(tmp_path / "entries" / files[0].file_hash, (later, later))
            await asyncio.sleep(0)
            for item in await cache.entries():
                item.used -= 50
            await keep(cache, files[2])
            assert kept(cache, files) == [True, False, True]

    asyncio.run(check())


def test_pruning_and_clearing(tmp_path: Path) -> None:
    files = [made_up(4, seed=seed) for seed in range(4)]

    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, *files)
            recording = await recording_of(cache, FILE)
            await recorded(recording, FILE.chunks[:30])
            await cache.prune(files[3].size + files[2].size + 65536 + FILE.size)
            assert cache.holds(files[3].file_hash)
            assert not cache.holds(files[0].file_hash)
            await cache.clear()
            assert kept(cache, files) == [False] * 4
            await recorded(recording, FILE.chunks[30:])
            assert recording.verified()
            assert await recording.commit(), "what is being recorded is left alone"
            recording.close()
            await cache.clear()
            assert cache.statistics().bytes == 0
            assert [path for path in everything_in(tmp_path) if path.is_file()] == [tmp_path / "lock"]

    asyncio.run(check())


@pytest.mark.parametrize("name", ["", "a", "../" * 21 + "a", "G" * 64, "A" * 64, "0" * 65, "0" * 63 + "\n"])
def test_a_hash_of_a_wrong_form_names_no_file(tmp_path: Path, name: str) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            for asking in (cache.open(name), cache.record(name, 10), cache.remove(name)):
                with pytest.raises(ValueError, match="not a hash"):
                    await asking
            assert cache.statistics().bytes == 0

    asyncio.run(check())


def test_only_the_owner_may_look_into_the_cache(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path / "a" / "cache") as cache:
            await keep(cache, FILE)
            for folder in (tmp_path / "a" / "cache", *(tmp_path / "a" / "cache").glob("*/")):
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert stat.S_IMODE((tmp_path / "a/cache/entries" / FILE.file_hash).stat().st_mode) == 0o600

    asyncio.run(check())


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "entries").symlink_to(tmp_path / "elsewhere")

    async def check() -> None:
        with pytest.raises(UnsafeFolder):
            await Cache(tmp_path, max_bytes=1).start()

    asyncio.run(check())


def test_links_and_strange_files_are_neither_followed_nor_counted(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
        other = made_up(2, seed=3)
        (tmp_path / "entries" / "notes.txt").write_text("mine")
        (tmp_path / "entries" / other.file_hash).symlink_to(tmp_path / "entries" / FILE.file_hash)
        os.mkfifo(tmp_path / "entries" / ("0" * 64))
        async with cache_in(tmp_path) as cache:
            assert cache.statistics().entries == 1
            assert await cache.open(other.file_hash) is None
            assert await cache.open("0" * 64) is None

    asyncio.run(check())


def test_a_caller_who_leaves_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            other = made_up(3, seed=9)
            before = open_files()
            for _ in range(20):
                for asking in (cache.open(FILE.file_hash), cache.record(other.file_hash, other.size)):
                    task = asyncio.ensure_future(asking)
                    await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.wait([task])
            await cache.prune(0)
            assert not cache.holds(FILE.file_hash), "nothing keeps it"
            await keep(cache, other)
            assert open_files() == before

    asyncio.run(check())


def flip(path: Path, place: int) -> None:
    """Change one byte of a file."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 0x40]))


def open_files() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


def everything_in(folder: Path) -> list[Path]:
    """Whatever lies below a folder."""
    return list(folder.rglob("*"))
