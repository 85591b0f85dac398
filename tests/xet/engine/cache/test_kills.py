"""Killed at any moment: no bad entry, no lost bytes in the count, and what was recorded is taken over."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offing.xet.engine.cache import Flights
from offing.xet.engine.cache.ledger import counted
from tests.xet.engine.cache.endless_writer import MOST_BYTES, files
from tests.xet.engine.cache.files import (
    Source,
    cache_in,
    content_of,
    gathered,
    keep,
    made_up,
    recorded,
    recording_of,
)
from tests.xet.engine.cache.test_local import everything_in, flip

ROOT = Path(__file__).parents[4]


def start_writer(folder: Path, seed: int) -> subprocess.Popen[str]:
    """A writer that has begun."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.xet.engine.cache.endless_writer", str(folder), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "going\n"
    return writer


def kill(writer: subprocess.Popen[str]) -> None:
    """Kill it; it has said nothing that it should not."""
    writer.kill()
    said, _ = writer.communicate()
    assert said == ""


async def look_at(folder: Path) -> None:
    """Everything that is there is right, and is counted as what it is."""
    known = {file.file_hash: file for file in files()}
    async with cache_in(folder, MOST_BYTES) as cache:
        entries = await cache.entries()
        for entry in entries:
            assert await content_of(cache, entry.file_hash) == known[entry.file_hash].content
        figures = cache.statistics()
        assert figures.corrupt == 0
        assert figures.bytes <= MOST_BYTES
        on_disk = sum(
            counted(path.stat().st_size) for path in everything_in(folder) if path.suffix != ".journal"
        )
        assert figures.bytes <= on_disk + (1 << 16)
        assert {path.name for path in (folder / "entries").iterdir()} == {
            entry.file_hash for entry in entries
        }
        for file in known.values():
            source = Source(file)
            assert (
                await gathered(Flights(cache).read(file.file_hash, file.size, source.fetch)) == file.content
            )


@pytest.mark.parametrize("seed", range(3))
def test_a_writer_that_is_killed_leaves_only_what_is_right(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  the same moments in every run, as far as that goes
    for again in range(2):
        writer = start_writer(tmp_path, seed * 2 + again)
        time.sleep(chance.random() * 0.3)
        kill(writer)
    asyncio.run(look_at(tmp_path))


def test_two_processes_on_one_folder_of_which_one_is_killed(tmp_path: Path) -> None:
    writers = [start_writer(tmp_path, seed) for seed in (100, 101)]
    time.sleep(0.2)
    kill(writers[0])
    time.sleep(0.1)
    there = sum(path.stat().st_size for path in (tmp_path / "entries").iterdir())
    assert 0 < there <= MOST_BYTES
    kill(writers[1])
    asyncio.run(look_at(tmp_path))


FILE = made_up(60)


@pytest.mark.parametrize("rotten", [None, 0, FILE.size // 3])
def test_what_a_killed_recording_left_is_taken_over_as_far_as_it_is_right(
    tmp_path: Path, rotten: int | None
) -> None:
    copy = tmp_path / "copy"

    async def record_half() -> None:
        async with cache_in(tmp_path / "cache") as cache:
            recording = await recording_of(cache, FILE)
            assert await recorded(recording, FILE.chunks[:40])
            # What a kill leaves is what lies on the disk now.
            await asyncio.to_thread(shutil.copytree, tmp_path / "cache", copy)
            await recording.abandon()
            recording.close()

    async def go_on() -> None:
        half = sum(len(chunk.content) for chunk in FILE.chunks[:40])
        if rotten is not None:
            flip(copy / "incoming" / f"{FILE.file_hash}.part", rotten)
        async with cache_in(copy) as cache:
            assert half <= cache.statistics().bytes < half * 1.01
            recording = await recording_of(cache, FILE)
            if rotten is None:
                assert recording.recorded == half
            else:
                assert recording.recorded <= rotten
            assert await recorded(recording, FILE.from_offset(recording.recorded))
            assert recording.verified()
            assert await recording.commit()
            recording.close()
            assert await content_of(cache, FILE.file_hash) == FILE.content

    asyncio.run(record_half())
    asyncio.run(go_on())


def test_a_recording_that_is_given_up_before_it_was_checked_stays_as_it_was(tmp_path: Path) -> None:
    async def check() -> None:
        half = sum(len(chunk.content) for chunk in FILE.chunks[:40])
        async with cache_in(tmp_path) as cache:
            first = await recording_of(cache, FILE)
            assert await recorded(first, FILE.chunks[:40])
            assert not cache.has_begun(FILE.file_hash, FILE.size, 0)  # it is under way
            await first.suspend()
            first.close()
            counted_as = cache.statistics().bytes
            for _ in range(2):
                assert cache.has_begun(FILE.file_hash, FILE.size, half - 1)
                assert not cache.has_begun(FILE.file_hash, FILE.size, half + half // 50)
                given_up = await cache.record(FILE.file_hash, FILE.size)
                assert given_up is not None
                await given_up.suspend()
                given_up.close()
                assert cache.statistics().bytes == counted_as
            again = await recording_of(cache, FILE)
            assert again.recorded == half
            await again.abandon()
            again.close()
            assert not cache.has_begun(FILE.file_hash, FILE.size, 0)

    asyncio.run(check())


def test_a_recording_that_was_killed_just_before_its_end_needs_no_fetch(tmp_path: Path) -> None:
    async def check() -> None:
        async with cache_in(tmp_path / "cache") as cache:
            recording = await recording_of(cache, FILE)
            assert await recorded(recording, FILE.chunks)
            await asyncio.to_thread(recording.seal)
            await asyncio.to_thread(shutil.copytree, tmp_path / "cache", tmp_path / "copy")
            await recording.abandon()
            recording.close()
        async with cache_in(tmp_path / "copy") as cache:
            source = Source(FILE)
            flights = Flights(cache)
            assert await gathered(flights.read(FILE.file_hash, FILE.size, source.fetch)) == FILE.content
            assert source.starts == []
            await flights.close()
            assert cache.holds(FILE.file_hash)

    asyncio.run(check())


@pytest.mark.parametrize("name", ["part", "journal"])
def test_half_of_a_recording_is_no_recording(tmp_path: Path, name: str) -> None:
    async def check() -> None:
        (tmp_path / "incoming").mkdir(mode=0o700)
        (tmp_path / "incoming" / f"{FILE.file_hash}.{name}").write_bytes(bytes(5000))
        async with cache_in(tmp_path) as cache:
            assert cache.statistics().bytes <= 4096
            recording = await recording_of(cache, FILE)
            assert recording.recorded == 0
            await recording.abandon()
            recording.close()
            assert list((tmp_path / "incoming").iterdir()) == []
            await keep(cache, FILE)

    asyncio.run(check())
