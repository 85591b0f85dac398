"""What is remembered of files and of who may read them: bounded, kept through kills, told to nobody else."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from offing.xet import known_rows
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.known_database import Database
from offing.xet.known_files import BETWEEN_TRIMS, KnownFiles
from offing.xet.problems import (
    BadName,
    EntryNotFound,
    Forbidden,
    Gated,
    NoRight,
    NotCached,
    RepositoryNotFound,
    UpstreamFailed,
    XetProblem,
)

HUB = "https://hub.example"
COMMIT = "c" * 40
MODEL = Repository("acme/model")
TOKEN, OTHER = "hf_of_the_owner", "hf_of_somebody"


def resolved(path: str = "model.bin", repository: Repository = MODEL, **changes: object) -> Resolved:
    told: dict[str, object] = {
        "size": 1000, "etag": "e" * 64, "sha256": "e" * 64, "xet_hash": "a" * 64, "commit": COMMIT,
        "last_modified": "Sat, 21 Nov 2026 19:02:57 GMT", "location": "https://signed.example/?secret",
    } | changes  # fmt: skip
    return Resolved(repository, path, **told)  # type: ignore[arg-type]


@asynccontextmanager
async def known_in(
    folder: Path, *, endpoint: str = HUB, clock: Callable[[], float] = time.time
) -> AsyncIterator[KnownFiles]:
    known = KnownFiles(folder / "known", endpoint, clock=clock)
    await known.start(beside_cache=True)
    try:
        yield known
    finally:
        await known.close()


async def refusal(asking: Awaitable[object]) -> XetProblem:
    """The problem that a question ends with."""
    with pytest.raises(XetProblem) as raised:
        await asking
    return raised.value


def test_what_the_hub_told_is_told_again_at_the_branch_and_at_the_commit(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
        async with known_in(tmp_path) as known:
            found = await known.find(MODEL, "model.bin", TOKEN)
            assert found == resolved(location="")
            pinned = MODEL.at(COMMIT)
            assert await known.find(pinned, "model.bin", TOKEN) == resolved(repository=pinned, location="")
            assert isinstance(await refusal(known.find(MODEL.at("other"), "model.bin", TOKEN)), NotCached)

    asyncio.run(run())


@pytest.mark.parametrize("other", [Repository("acme/model", "datasets"), Repository("acme/mode")])
def test_a_right_is_that_to_one_repository_of_one_kind_at_one_hub(tmp_path: Path, other: Repository) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), None)
            assert isinstance(await refusal(known.find(other, "model.bin", None)), NotCached)
        async with known_in(tmp_path, endpoint="https://mirror.example") as known:
            assert isinstance(await refusal(known.find(MODEL, "model.bin", None)), NotCached)

    asyncio.run(run())


def test_what_a_stranger_had_is_everybodys_and_what_a_token_had_is_its_own(tmp_path: Path) -> None:
    async def run() -> None:
        public, private = Repository("acme/public"), Repository("acme/private")
        async with known_in(tmp_path) as known:
            await known.remember(resolved(repository=public), None)
            await known.remember(resolved(repository=private), TOKEN)
            for token in (None, TOKEN, OTHER):
                assert (await known.find(public, "model.bin", token)).size == 1000
            assert (await known.find(private, "model.bin", TOKEN)).size == 1000
            for token in (None, OTHER):
                await refusal(known.find(private, "model.bin", token))

    asyncio.run(run())


def test_who_has_no_right_cannot_tell_a_private_file_from_none(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            await known.refused(MODEL, "gone.bin", TOKEN, EntryNotFound())
            private: list[Awaitable[object]] = [
                known.find(MODEL, path, OTHER) for path in ("model.bin", "gone.bin", "never.bin")
            ]
            private += [known.find_hash(MODEL, "a" * 64, OTHER), known.list_files(MODEL, OTHER, 10)]
            unknown = known.find(Repository("acme/never"), "model.bin", OTHER)
            told = {str((await refusal(asking)).body()) for asking in (*private, unknown)}
            assert len(told) == 1

    asyncio.run(run())


def test_that_a_file_is_not_there_is_remembered_until_it_is(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            await known.refused(MODEL, "late.bin", TOKEN, EntryNotFound(headers={"X-Repo-Commit": COMMIT}))
            for revision in ("main", COMMIT):
                problem = await refusal(known.find(MODEL.at(revision), "late.bin", TOKEN))
                assert isinstance(problem, EntryNotFound)
                assert problem.headers == {"X-Repo-Commit": COMMIT}
            assert isinstance(await refusal(known.find(MODEL, "never.bin", TOKEN)), NotCached)
            await known.remember(resolved("late.bin"), TOKEN)
            assert (await known.find(MODEL, "late.bin", TOKEN)).path == "late.bin"
            await known.refused(MODEL, "late.bin", TOKEN, EntryNotFound())
            assert isinstance(await refusal(known.find(MODEL, "late.bin", TOKEN)), EntryNotFound)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("problem", "token_keeps", "all_keep"),
    [
        (NoRight(), False, True),
        (Forbidden(), False, False),
        (Gated(), False, False),
        (RepositoryNotFound(), False, False),
        (UpstreamFailed(), True, True),
        (EntryNotFound(), True, True),
    ],
)
def test_a_refusal_takes_the_right_and_a_failure_does_not(
    tmp_path: Path, problem: XetProblem, *, token_keeps: bool, all_keep: bool
) -> None:
    async def run() -> None:
        private = Repository("acme/private")
        async with known_in(tmp_path) as known:
            for repository, token in ((MODEL, None), (private, TOKEN), (private, OTHER)):
                await known.remember(resolved(repository=repository), token)
            await known.remember_answer(private, TOKEN, "/api/x?", (b"{}", b"body"))
            for repository in (MODEL, private):
                await known.refused(repository, "else.bin", TOKEN, problem)
            assert await _may(known, private, TOKEN) is token_keeps
            assert await _may(known, private, OTHER)
            assert await _may(known, MODEL, None) is all_keep
            kept = await known.find_answer("/api/x?", TOKEN) if token_keeps else None
            assert kept == ((b"{}", b"body") if token_keeps else None)
            if not token_keeps:
                await refusal(known.find_answer("/api/x?", TOKEN))
            # The hub takes it back as it gave it.
            await known.remember(resolved(repository=private), TOKEN)
            assert await _may(known, private, TOKEN)

    asyncio.run(run())


async def _may(known: KnownFiles, repository: Repository, token: str | None) -> bool:
    try:
        await known.find(repository, "model.bin", token)
    except NotCached:
        return False
    return True


def test_an_answer_is_its_tokens_and_a_strangers_is_everybodys(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember_answer(MODEL, None, "/api/a?", (b"{}", b"public"))
            await known.remember_answer(MODEL, TOKEN, "/api/a?", (b"{}", b"of the token"))
            await known.remember_answer(MODEL, TOKEN, "/api/b?", (b"{}", b"private"))
            assert (await known.find_answer("/api/a?", TOKEN))[1] == b"of the token"
            assert (await known.find_answer("/api/a?", OTHER))[1] == b"public"
            assert (await known.find_answer("/api/b?", TOKEN))[1] == b"private"
            for token in (None, OTHER):
                await refusal(known.find_answer("/api/b?", token))
            await known.forget_answer("/api/b?", TOKEN)
            await refusal(known.find_answer("/api/b?", TOKEN))

    asyncio.run(run())


def test_a_hash_is_found_in_its_repository_and_is_no_file_of_a_listing(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            asked = resolved(f"{'b' * 64}.bin", xet_hash="b" * 64, commit="", size=77)
            await known.remember(asked, TOKEN, by_hash=True)
            assert await known.find_hash(MODEL, "b" * 64, TOKEN) == 77
            assert isinstance(await refusal(known.find_hash(MODEL, "a" * 64, TOKEN)), NotCached)
            assert isinstance(await refusal(known.find(MODEL, asked.path, TOKEN)), NotCached)
            await known.remember(resolved("z.bin"), TOKEN)
            await known.remember(resolved("a.bin"), TOKEN)
            assert [file.path for file in await known.list_files(MODEL, TOKEN, 10)] == ["a.bin", "z.bin"]
            assert len(await known.list_files(MODEL, TOKEN, 1)) == 1
            assert await known.find_hash(MODEL, "a" * 64, TOKEN) == 1000

    asyncio.run(run())


def test_a_content_is_known_by_its_etag_in_one_repository_only(tmp_path: Path) -> None:
    async def run() -> None:
        plain = resolved("config.json", xet_hash=None, sha256=None, etag="1" * 40)
        other = resolved("config.json", Repository("evil/model"), xet_hash=None, sha256=None, etag="1" * 40)
        async with known_in(tmp_path) as known:
            await known.remember(plain, TOKEN)
            await known.remember_content(plain, "d" * 64)
            assert known.content_of(plain) == "d" * 64
            assert known.content_of(other) is None
        async with known_in(tmp_path) as known:
            assert known.content_of(plain) is None
            assert known.content_of(await known.find(MODEL, "config.json", TOKEN)) == "d" * 64
        async with known_in(tmp_path) as known:
            await known.remember(plain, TOKEN)
            await known.remember(other, TOKEN)
            assert known.content_of(plain) == "d" * 64
            assert known.content_of(other) is None

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/" + "a" * 64, "../up", "a//b", "", "a\x00b", ".git/config"])
def test_a_path_that_no_file_has_is_a_bad_name(tmp_path: Path, path: str) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            assert isinstance(await refusal(known.find(MODEL, path, TOKEN)), BadName)

    asyncio.run(run())


def test_no_token_and_no_signed_address_is_on_the_disk_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            await known.remember_answer(MODEL, TOKEN, "/api/a?", (b"{}", b"{}"))
            files = [each for each in (tmp_path / "known").iterdir() if each.is_file()]
            written = b"".join(each.read_bytes() for each in files)
            assert b"acme/model" in written
            assert TOKEN.encode() not in written
            assert TOKEN[3:].encode() not in written
            assert b"secret" not in written.replace(b"secrets(", b"").replace(b"secrets", b"")
            assert {each.stat().st_mode & 0o077 for each in (tmp_path / "known", *files)} == {0}

    asyncio.run(run())


def test_it_is_bounded_and_the_least_recently_used_leave_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_rows, "MOST", dict.fromkeys(known_rows.MOST, 40))
    monkeypatch.setattr(known_rows, "MOST_ANSWER_BYTES", 10_000)
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 10_000
        return now

    async def run() -> None:
        async with known_in(tmp_path, clock=clock) as known:
            await known.remember(resolved("early.bin"), TOKEN)
            for number in range(BETWEEN_TRIMS):
                await known.remember(resolved(f"{number}.bin", commit=""), TOKEN)
                await known.find(MODEL, "early.bin", TOKEN)
            for number in range(BETWEEN_TRIMS):
                await known.refused(MODEL, f"none{number}", TOKEN, EntryNotFound())
            for number in range(BETWEEN_TRIMS):
                await known.remember_answer(MODEL, TOKEN, f"/api/{number}?", (b"{}", bytes(1000)))
            # What was used stays; of the others, those that came last.
            assert (await known.find(MODEL, "early.bin", TOKEN)).path == "early.bin"
            assert (await known.find(MODEL, f"{BETWEEN_TRIMS - 1}.bin", TOKEN)).size == 1000
            await refusal(known.find(MODEL, "0.bin", TOKEN))
            assert isinstance(await refusal(known.find(MODEL, "none0", TOKEN)), NotCached)
        rows = counts(tmp_path)
        # At most as many as are written between two looks come on top.
        assert rows["files"] <= 40 + BETWEEN_TRIMS
        assert rows["absent"] <= 40 + BETWEEN_TRIMS
        assert rows["answers"] <= 10 + BETWEEN_TRIMS
        connection = sqlite3.connect(database(tmp_path))
        with connection:
            known_rows.trim(connection)
        connection.close()
        rows = counts(tmp_path)
        assert (rows["files"], rows["absent"], rows["answers"]) == (40, 40, 10)

    asyncio.run(run())


def database(folder: Path) -> Path:
    """The file in which it is."""
    (found,) = (folder / "known").glob("files.*.sqlite3")
    return found


def counts(folder: Path) -> dict[str, int]:
    """Rows of each table."""
    connection = sqlite3.connect(database(folder))
    try:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in known_rows.MOST
        }
    finally:
        connection.close()


def test_nothing_is_written_twice_within_minutes(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            connection = sqlite3.connect(database(tmp_path))
            connection.execute("BEGIN IMMEDIATE")  # whoever writes now would fail
            await known.remember(resolved(), TOKEN)
            assert known.failures == 0
            connection.close()

    asyncio.run(run())


def test_a_database_that_is_kept_busy_costs_a_moment_and_no_failure(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            connection = sqlite3.connect(database(tmp_path))
            connection.execute("BEGIN IMMEDIATE")
            before = time.monotonic()
            await known.remember(resolved("other.bin"), TOKEN)
            assert time.monotonic() - before < 5
            assert known.failures == 1
            # What is known can be told all the same.
            assert (await known.find(MODEL, "model.bin", TOKEN)).size == 1000
            connection.rollback()
            connection.close()
            await known.remember(resolved("other.bin"), TOKEN)
            assert (await known.find(MODEL, "other.bin", TOKEN)).size == 1000

    asyncio.run(run())


@pytest.mark.parametrize("damage", ["garbage", "torn", "version"])
def test_a_damaged_database_is_begun_anew(tmp_path: Path, damage: str) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            for number in range(300):
                await known.remember(resolved(f"{number}.bin"), TOKEN)
        hurt(database(tmp_path), damage)
        async with known_in(tmp_path) as known:
            for number in range(300):
                await known.remember(resolved(f"{number}.bin"), TOKEN)
            for number in range(300):
                assert (await known.find(MODEL, f"{number}.bin", TOKEN)).size == 1000
        assert counts(tmp_path)["files"] == 600

    asyncio.run(run())


def hurt(file: Path, damage: str) -> None:
    """Have the file damaged in some way."""
    if damage == "version":
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
    elif damage == "garbage":
        file.write_bytes(b"not a database" * 1000)
    else:
        content = bytearray(file.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        file.write_bytes(content)


def test_a_damaged_one_that_another_process_has_open_is_left_to_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as first, known_in(tmp_path) as second:
            await first.remember(resolved(), TOKEN)
            await second.remember(resolved("b.bin"), OTHER)
            hurt(database(tmp_path), "garbage")
            async with known_in(tmp_path) as third:
                await third.remember(resolved("c.bin"), TOKEN)
                assert (await third.find(MODEL, "c.bin", TOKEN)).size == 1000
                for each in (first, second):
                    await each.remember(resolved("d.bin"), TOKEN)
            assert len(list((tmp_path / "known").glob("files.*.sqlite3"))) == 1
        async with known_in(tmp_path) as known:
            assert (await known.find(MODEL, "c.bin", TOKEN)).size == 1000

    asyncio.run(run())


def test_processes_know_each_others_readers(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as first, known_in(tmp_path) as second:
            await first.remember(resolved(), TOKEN)
            assert (await second.find(MODEL, "model.bin", TOKEN)).size == 1000
            await second.refused(MODEL, "model.bin", TOKEN, NoRight())
            await refusal(first.find(MODEL, "model.bin", TOKEN))

    asyncio.run(run())


WRITER = """
    import asyncio, sys
    from pathlib import Path
    from tests.xet.test_known_files import resolved, TOKEN, known_in

    async def run():
        async with known_in(Path(sys.argv[1])) as known:
            for number in range(10**9):
                await known.remember(resolved(f"{sys.argv[2]}-{number}.bin"), TOKEN)
                print(number, flush=True)

    asyncio.run(run())
"""


def test_killed_writers_lose_nothing_that_was_written_and_leave_no_damage(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)]
    written: dict[str, int] = {}
    for turn in range(2):
        writers = {
            f"{turn}{name}": subprocess.Popen([*command, f"{turn}{name}"], stdout=subprocess.PIPE, text=True)
            for name in "ab"
        }
        for name, writer in writers.items():
            assert writer.stdout is not None
            while int(writer.stdout.readline()) < 60 + 37 * turn:
                pass
            os.kill(writer.pid, signal.SIGKILL)
            lines = writer.stdout.read().split("\n")
            writer.wait()
            writer.stdout.close()
            written[name] = int(next((line for line in reversed(lines[:-1]) if line), 60 + 37 * turn))

    async def run() -> None:
        async with known_in(tmp_path) as known:
            for name, last in written.items():
                for number in range(last + 1):
                    assert (await known.find(MODEL, f"{name}-{number}.bin", TOKEN)).size == 1000

    asyncio.run(run())
    connection = sqlite3.connect(database(tmp_path))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.parametrize("way", ["file", "link", "none"])
def test_where_it_cannot_be_written_nothing_is_remembered_and_nothing_fails(tmp_path: Path, way: str) -> None:
    place = tmp_path / "known"
    if way == "file":
        place.write_text("in the way")
    elif way == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")

    async def run() -> None:
        known = KnownFiles(None if way == "none" else place, HUB)
        await known.start(beside_cache=True)
        await known.remember(resolved(), TOKEN)
        await known.refused(MODEL, "x", TOKEN, EntryNotFound())
        assert isinstance(await refusal(known.find(MODEL, "model.bin", TOKEN)), NotCached)
        assert isinstance(await refusal(known.find_answer("/api/x?", TOKEN)), NotCached)
        assert known.content_of(resolved()) == "a" * 64
        assert (known.failures > 0) is (way != "none")
        await known.close()

    asyncio.run(run())
    assert not list((tmp_path / "elsewhere").glob("*"))


def test_what_is_cleared_is_forgotten(tmp_path: Path) -> None:
    async def run() -> None:
        async with known_in(tmp_path) as known:
            await known.remember(resolved(), TOKEN)
            await known.clear()
            await refusal(known.find(MODEL, "model.bin", TOKEN))
            await known.remember(resolved(), TOKEN)
            assert (await known.find(MODEL, "model.bin", TOKEN)).size == 1000

    asyncio.run(run())


def test_a_change_that_fails_midway_is_undone(tmp_path: Path) -> None:
    async def run() -> None:
        store = Database(tmp_path / "known", known_rows.SCHEMA, known_rows.VERSION)

        def half(c: sqlite3.Connection) -> bool:
            known_rows.put_reader(c, "x", b"", 1.0)
            c.execute("INSERT INTO readers VALUES (NULL)")
            return True

        assert not await store.write(half, otherwise=False)
        assert await store.read(lambda c: known_rows.may_read(c, "x", b""), otherwise=True) is False
        assert store.failures == 1
        await store.close()

    asyncio.run(run())
