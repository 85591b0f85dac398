"""Downloads into a place on disk: whole or not there, whatever happens in between."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offing.xet import Corrupt, Reader, Unwritable, download
from offing.xet.engine.cache.table import LABEL_BYTES, RECORD_BYTES
from offing.xet.hub.faults import Rule
from tests.xet.engine.downloading import (
    FILES,
    REPOSITORY,
    fetch,
    fetched,
    journal_of,
    kill_at,
    leave_part,
    length_of,
    part_of,
    run,
    slow,
    start,
)
from tests.xet.hub_fixture import RunningHub, running_hub

LARGE = FILES["large.bin"]
XET, PLAIN = "mixed.bin", "words.txt"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub with the files."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        running.upload(REPOSITORY, FILES)
        yield running


@pytest.fixture
def hub(served: RunningHub) -> Iterator[RunningHub]:
    """The hub without troubles and with an empty log."""
    served.log.clear()
    yield served
    served.set_faults()


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_whole_and_leaves_nothing_beside_it(hub: RunningHub, name: str, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / name
    done = fetch(hub, name, target)
    assert target.read_bytes() == FILES[name]
    assert [each.name for each in target.parent.iterdir()] == [name]
    assert done.told[0] == 0
    assert done.told[-1] == len(FILES[name])
    assert done.told == sorted(done.told)
    assert done.download.verified


def test_the_public_function_gives_the_path(hub: RunningHub, tmp_path: Path) -> None:
    async def public() -> Path:
        async with Reader(hub.base) as reader:
            file = await reader.resolve(REPOSITORY, XET)
            first = await download(reader, file, tmp_path / "first")
            assert first == await reader.download(file, tmp_path / "first")
            return first

    assert asyncio.run(public()).read_bytes() == FILES[XET]


def test_the_file_has_the_mode_that_new_files_have(hub: RunningHub, tmp_path: Path) -> None:
    fetch(hub, XET, tmp_path / "it")
    (tmp_path / "other").touch()
    assert (tmp_path / "it").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_name_as_long_as_names_can_be_is_taken(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    fetch(hub, XET, target)
    assert target.read_bytes() == FILES[XET]


def test_after_kills_at_random_moments_it_is_whole_and_was_fetched_once(
    hub: RunningHub, tmp_path: Path
) -> None:
    target, chance = tmp_path / "large.bin", random.Random()  # noqa: S311  moments, which no seed repeats
    with slow(hub):
        for part in (1, 2, 3):
            left = kill_at(start(hub, "large.bin", target), target, int((part + chance.random()) * 1_800_000))
            assert not target.exists()
    hub.log.clear()
    done = fetch(hub, "large.bin", target)
    assert target.read_bytes() == LARGE
    # Only what was being written when the last one died comes again.
    assert done.download.taken_over > left - 2_000_000
    assert fetched(hub) < len(LARGE) - done.download.taken_over + 300_000
    assert [each.name for each in tmp_path.iterdir()] == ["large.bin"]


def test_a_plain_file_is_resumed_after_a_kill(hub: RunningHub, tmp_path: Path) -> None:
    target, size = tmp_path / PLAIN, len(FILES[PLAIN])
    with slow(hub, 1):
        kill_at(start(hub, PLAIN, target), target, size // 4)
    hub.log.clear()
    done = fetch(hub, PLAIN, target)
    assert target.read_bytes() == FILES[PLAIN]
    assert done.download.taken_over >= size // 4
    assert fetched(hub, "resolve") == size - done.download.taken_over


def test_a_cancelled_download_can_be_resumed(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    leave_part(hub, "large.bin", target, 3_000_000)
    done = fetch(hub, "large.bin", target)
    assert done.download.taken_over >= 3_000_000
    assert done.told[0] >= 3_000_000
    assert target.read_bytes() == LARGE


def test_what_was_complete_but_not_named_is_not_fetched_again(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    leave_part(hub, "large.bin", target, len(LARGE))
    hub.log.clear()
    done = fetch(hub, "large.bin", target)
    assert done.download.taken_over == len(LARGE)
    assert fetched(hub) == 0
    assert target.read_bytes() == LARGE


def test_a_changed_byte_in_the_part_costs_what_follows_it_and_no_more(
    hub: RunningHub, tmp_path: Path
) -> None:
    target = tmp_path / "large.bin"
    leave_part(hub, "large.bin", target, 4_000_000)
    spoil(part_of(target), 2_000_000)
    done = fetch(hub, "large.bin", target)
    assert 2_000_000 - 128 * 1024 <= done.download.taken_over <= 2_000_000
    assert target.read_bytes() == LARGE


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happens_to_what_was_left_the_result_is_right(
    hub: RunningHub, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  damage, not secrets
    name = (XET, PLAIN)[seed % 2]
    target = tmp_path / name
    leave_part(hub, name, target, chance.randrange(len(FILES[name])))
    for path in (part_of(target), journal_of(target)):
        damage(path, chance)
    fetch(hub, name, target)
    assert target.read_bytes() == FILES[name]
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_records_that_nobody_wrote_are_not_believed(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / XET
    leave_part(hub, XET, target, 500_000)
    with journal_of(target).open("r+b") as journal:
        journal.seek(LABEL_BYTES + 32)
        journal.write((2**63).to_bytes(8, "little"))
    done = fetch(hub, XET, target)
    assert done.download.taken_over == 0
    assert target.read_bytes() == FILES[XET]


def test_a_whole_part_whose_chunks_are_not_the_files_is_fetched_anew(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / XET
    leave_part(hub, XET, target, len(FILES[XET]) // 2)
    # Each chunk matches its record; only the tree tells that the first one is missing.
    journal = journal_of(target).read_bytes()
    first = int.from_bytes(journal[LABEL_BYTES + 32 : LABEL_BYTES + RECORD_BYTES], "little")
    part_of(target).write_bytes(part_of(target).read_bytes()[:first] * 2)
    again = journal[LABEL_BYTES : LABEL_BYTES + 32] + (2 * first).to_bytes(8, "little")
    journal_of(target).write_bytes(journal[: LABEL_BYTES + RECORD_BYTES] + again)
    done = fetch(hub, XET, target)
    assert done.told[0] == 2 * first
    assert 0 in done.told
    assert target.read_bytes() == FILES[XET]


def test_what_was_left_of_another_content_is_not_taken_over(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "it"
    leave_part(hub, "large.bin", target, 3_000_000)
    done = fetch(hub, XET, target)
    assert done.download.taken_over == 0
    assert target.read_bytes() == FILES[XET]


@pytest.mark.parametrize("name", [XET, PLAIN])
def test_a_file_that_is_there_and_right_is_not_fetched(hub: RunningHub, name: str, tmp_path: Path) -> None:
    target = tmp_path / name
    target.write_bytes(FILES[name])
    done = fetch(hub, name, target)
    assert done.download.was_there
    assert fetched(hub) == 0
    assert [asked.method for asked in hub.log.of("resolve")] == ["HEAD"]
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", [XET, PLAIN])
def test_a_file_of_the_right_size_with_another_content_is_replaced(
    hub: RunningHub, name: str, tmp_path: Path
) -> None:
    target = tmp_path / name
    target.write_bytes(FILES[name])
    spoil(target, 1000)
    fetch(hub, name, target)
    assert target.read_bytes() == FILES[name]


def test_a_link_at_the_target_is_replaced_and_not_followed(hub: RunningHub, tmp_path: Path) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "it"
    elsewhere.write_bytes(b"keep this")
    target.symlink_to(elsewhere)
    fetch(hub, XET, target)
    assert elsewhere.read_bytes() == b"keep this"
    assert not target.is_symlink()
    assert target.read_bytes() == FILES[XET]


def test_a_link_where_the_part_would_be_is_refused(hub: RunningHub, tmp_path: Path) -> None:
    elsewhere, target = tmp_path / "elsewhere", tmp_path / "it"
    elsewhere.write_bytes(b"keep this")
    part_of(target).parent.mkdir()
    part_of(target).symlink_to(elsewhere)
    with pytest.raises(Unwritable):
        fetch(hub, XET, target)
    assert elsewhere.read_bytes() == b"keep this"


def test_a_folder_at_the_target_is_refused(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()
    with pytest.raises(Unwritable):
        fetch(hub, XET, tmp_path / "it")


def test_content_that_the_store_has_spoiled_never_gets_the_name(hub: RunningHub, tmp_path: Path) -> None:
    hub.set_faults(Rule(what="flip", at=5_000_000))
    with pytest.raises(Corrupt):
        fetch(hub, "large.bin", tmp_path / "large.bin")
    assert list(tmp_path.iterdir()) == []
    hub.set_faults()
    assert fetch(hub, "large.bin", tmp_path / "large.bin").download.taken_over == 0
    assert (tmp_path / "large.bin").read_bytes() == LARGE


def test_a_sha256_other_than_the_hub_told_is_noticed_where_it_is_asked_for(
    hub: RunningHub, tmp_path: Path
) -> None:
    async def told_wrong(*, sha256: bool) -> BaseException | None:
        async with Reader(hub.base) as reader:
            file = await reader.resolve(REPOSITORY, XET)
        lying = dataclasses.replace(file, sha256="0" * 64)
        return (await run(hub, XET, tmp_path / "it", file=lying, sha256=sha256)).error

    assert isinstance(asyncio.run(told_wrong(sha256=True)), Corrupt)
    assert list(tmp_path.iterdir()) == []
    assert asyncio.run(told_wrong(sha256=False)) is None
    assert (tmp_path / "it").read_bytes() == FILES[XET]


def test_a_store_that_goes_away_leaves_what_can_be_resumed(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    leave_part(hub, "large.bin", target, 3_000_000)
    hub.set_faults(Rule(what="status", on="reconstruction", status=404))
    assert asyncio.run(run(hub, "large.bin", target)).error is not None
    hub.set_faults()
    assert fetch(hub, "large.bin", target).download.taken_over >= 3_000_000
    assert target.read_bytes() == LARGE


def test_two_processes_make_one_file_and_fetch_it_once(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    with slow(hub):
        both = [start(hub, "large.bin", target) for _ in range(2)]
        assert [process.wait(30) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert target.read_bytes() == LARGE
    assert fetched(hub) < 1.05 * len(LARGE)
    assert [each.name for each in tmp_path.iterdir()] == ["large.bin"]


def test_one_that_waits_goes_on_where_the_other_was_killed(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    with slow(hub):
        first = start(hub, "large.bin", target)
        while not length_of(part_of(target)):
            time.sleep(0.005)
        second = start(hub, "large.bin", target)
        kill_at(first, target, 4_000_000)
        assert second.wait(30) == 0
        second.communicate()
    assert target.read_bytes() == LARGE
    assert fetched(hub) < 1.6 * len(LARGE)


def test_files_side_by_side_in_one_folder_share_its_workplace(hub: RunningHub, tmp_path: Path) -> None:
    async def together() -> None:
        names = [*FILES, *FILES]
        done = await asyncio.gather(
            *(run(hub, name, tmp_path / f"{number}") for number, name in enumerate(names))
        )
        assert [each.error for each in done] == [None] * len(names)

    asyncio.run(together())
    contents = [(tmp_path / f"{number}").read_bytes() for number in range(2 * len(FILES))]
    assert contents == [*FILES.values(), *FILES.values()]
    assert len(list(tmp_path.iterdir())) == len(contents)


def test_a_disk_that_is_full_is_told_of_and_what_it_took_is_kept(hub: RunningHub, tmp_path: Path) -> None:
    target = tmp_path / "large.bin"
    process = start(hub, "large.bin", target, largest=5_000_000)
    said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (Unwritable.exit_code, b"unwritable\n")
    assert not target.exists()
    assert fetch(hub, "large.bin", target).download.taken_over > 0
    assert target.read_bytes() == LARGE


def test_a_folder_that_cannot_be_made_is_told_of_without_its_name(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable) as caught:
        fetch(hub, XET, tmp_path / "file" / "it")
    assert str(tmp_path) not in caught.value.public_text


def spoil(path: Path, place: int) -> None:
    """Change one byte of a file."""
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 0x20]))


def damage(path: Path, chance: random.Random) -> None:
    """Do something to a file that a power cut or a person could do, or nothing."""
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data) + 1)
    way = chance.choice(["nothing", "cut", "grow", "change", "zeros", "remove"])
    if way == "remove":
        path.unlink()
        return
    if way == "cut":
        del data[place:]
    elif way == "grow":
        data += chance.randbytes(5000)
    elif way == "change" and place < len(data):
        data[place] ^= 1 << chance.randrange(8)
    elif way == "zeros":
        data[place:] = bytes(len(data) - place)
    path.write_bytes(data)
