"""``offing xet cache`` as a user meets it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from offing.xet.engine.cache import Cache
from offing.xet.engine.repository import PUBLIC_HUB, Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.known_files import KnownFiles
from offing.xet.library import KNOWN
from offing.xet.problems import NotCached
from tests.cli.program import run
from tests.xet.engine.cache.files import MadeUp, made_up, recorded


def kept(folder: Path, *files: MadeUp) -> None:
    """Put files into a cache."""

    async def keep() -> None:
        cache = Cache(folder, max_bytes=1 << 30)
        await cache.start()
        for file in files:
            recording = await cache.record(file.file_hash, file.size)
            assert recording is not None
            assert await recorded(recording, file.chunks)
            assert recording.verified()
            assert await recording.commit()
            recording.close()
        await cache.close()

    asyncio.run(keep())


def told(folder: Path, *arguments: str, bound: str = "") -> tuple[str, str]:
    """What the program says: the list, and the sum."""
    place = str(folder)
    done = run("xet", "cache", *arguments, OFFING_XET_CACHE_DIR=place, OFFING_XET_CACHE_BYTES=bound)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(), done.stderr.decode()


def test_a_cache_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    for arguments in ([], ["ls"], ["prune"], ["clear"]):
        assert told(tmp_path / "none", *arguments) == ("", "0 files, 0 B\n")
    assert list(tmp_path.iterdir()) == []


def test_files_are_listed_pruned_and_cleared(tmp_path: Path) -> None:
    files = [made_up(20, seed) for seed in (1, 2)]
    kept(tmp_path, *files)
    listed, summed = told(tmp_path)
    assert [line.split()[-1] for line in listed.splitlines()[1:]] == [each.file_hash for each in files]
    assert summed.startswith("2 files, 2.")
    assert told(tmp_path, "prune") == ("", summed)
    assert told(tmp_path, "prune", "--to", "2MB")[1].startswith("1 file, ")
    assert told(tmp_path, "ls")[0].split()[-1] == files[1].file_hash
    assert told(tmp_path, "clear") == ("", "0 files, 0 B\n")


def test_to_look_at_it_evicts_nothing_and_to_prune_goes_by_the_setting(tmp_path: Path) -> None:
    kept(tmp_path, made_up(20, 1))
    assert told(tmp_path, "ls", bound="1000")[1].startswith("1 file, ")
    assert told(tmp_path, "prune", bound="1000")[1] == "0 files, 0 B\n"


@pytest.mark.parametrize("size", ["much", "-1", "1.5.2G", ""])
def test_a_size_that_is_none_is_told_of(tmp_path: Path, size: str) -> None:
    done = run("xet", "cache", "prune", "--to", size, OFFING_XET_CACHE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert b"500M" in done.stderr


def test_to_clear_it_forgets_the_names_of_files_too(tmp_path: Path) -> None:
    kept(tmp_path, made_up(20, 1))

    async def known(*, remember: bool) -> int:
        names = KnownFiles(tmp_path / KNOWN, PUBLIC_HUB)
        await names.start(beside_cache=True)
        try:
            if remember:
                await names.remember(FILE, None)
            return len(await names.list_files(FILE.repository, None, 10))
        except NotCached:
            return 0
        finally:
            await names.close()

    assert asyncio.run(known(remember=True)) == 1
    told(tmp_path, "clear")
    assert asyncio.run(known(remember=False)) == 0


FILE = Resolved(Repository("acme/model"), "a.bin", 1, "0" * 64, "0" * 64, "0" * 64, "0" * 40, None, "")
