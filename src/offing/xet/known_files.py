"""What the hub told of files, and who may read them: what answers in its place while the service is offline.

Kept on disk beside the cache, shared by processes. Of a token only a keyed hash is kept. A right is that
to a repository: the hub gave it by answering for a file, and takes it by refusing.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from offing.kernel.cache import Cache
from offing.xet import known_rows as rows
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.known_database import Database
from offing.xet.known_rows import EVERYBODY, FileRow, Found
from offing.xet.problems import (
    EntryNotFound,
    Forbidden,
    Gated,
    NoRight,
    NotCached,
    RepositoryNotFound,
    XetProblem,
)

FRESH, FRESH_SECONDS = 10_000, 600.0
"""How many facts need not be written again, and for how long."""
CONTENTS = 10_000
"""Contents whose hashes are at hand."""
BETWEEN_TRIMS = 256
"""Writes."""
BY_HASH = "/"
"""Begins the path of what was asked for by its hash; no path of a file does."""
NOTHING_FOR_YOU = "This service is set to be offline, and holds nothing of this repository for this token."


class KnownFiles:
    """The memory of one hub's files. Used in one event loop; none of it ever fails a download.

    :param folder: its own, made where it is missing; None remembers nothing.
    :param endpoint: the hub.
    :param clock: seconds since 1970.
    """

    def __init__(self, folder: Path | None, endpoint: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database = Database(folder, rows.SCHEMA, rows.VERSION)
        self._endpoint, self._clock = endpoint, clock
        self._key = secrets.token_bytes(32)
        self._fresh: Cache[Resolved] = Cache(entries=FRESH, seconds=FRESH_SECONDS)
        self._contents: Cache[str] = Cache(entries=CONTENTS, seconds=float("inf"))
        self._writes = 0

    @property
    def failures(self) -> int:
        """How often the disk would not remember or tell."""
        return self._database.failures

    async def start(self, *, beside_cache: bool) -> None:
        """Open what there is; without a cache, or where that cannot be, nothing is remembered."""
        self._database.usable = self._database.usable and beside_cache
        self._key = await self._database.write(lambda c: rows.secret(c, "readers", self._key), self._key)

    async def close(self) -> None:
        """Free it; what was noted stays."""
        await self._database.close()

    async def clear(self) -> None:
        """Forget everything."""
        self._forget_fresh()
        await self._database.write(rows.clear, None)

    async def remember(self, file: Resolved, token: str | None, *, by_hash: bool = False) -> None:
        """Note what the hub has just told a token's owner of a file.

        ``by_hash``: it was asked for by its hash, so that its path is made up.
        """
        name, reader, content = self._name(file.repository), self._reader(token), self._content_key(file)
        fact = (name, file.repository.revision, file.path, reader, by_hash)
        if self._fresh.find(fact) == file:
            return
        path = BY_HASH + file.path if by_hash else file.path
        row = FileRow(path, file.size, file.etag, file.sha256, file.xet_hash, file.commit, file.last_modified)
        now, revision = self._clock(), file.repository.revision

        def work(c: sqlite3.Connection) -> str | None:
            rows.put_reader(c, name, reader, now)
            for each in {revision, file.commit or revision}:
                rows.put_file(c, name, each, row, now)
            return rows.find_content(c, content) or ""

        known = await self._write(work, None)
        if known is not None:
            self._fresh.keep(fact, file)
            if known:
                self._contents.keep(content, known)

    async def refused(
        self, repository: Repository, path: str, token: str | None, problem: XetProblem
    ) -> None:
        """Note that the hub has just refused a token's owner a file, where its reason says something."""
        name, now = self._name(repository), self._clock()
        if isinstance(problem, EntryNotFound):
            self._forget_fresh()
            commit = problem.headers.get("X-Repo-Commit", "")

            def work(c: sqlite3.Connection) -> None:
                for revision in {repository.revision, commit or repository.revision}:
                    rows.put_absent(c, (name, revision, path), commit, now)

            await self._write(work, None)
        elif isinstance(problem, NoRight | Gated | RepositoryNotFound):
            self._forget_fresh()
            losers = {self._reader(token)}
            if isinstance(problem, Forbidden | Gated | RepositoryNotFound):
                losers.add(EVERYBODY)  # a token that counts may do at least what strangers may
            await self._write(lambda c: rows.delete_readers(c, name, losers), None)

    async def find(self, repository: Repository, path: str, token: str | None) -> Resolved:
        """What a file was when the hub was last asked.

        Raises BadName, EntryNotFound where the hub said that there is none, and NotCached where nothing is
        known, or nothing that this token may know: nobody can tell these two apart.
        """
        repository.file_target(path)
        name, reader, now = self._name(repository), self._reader(token), self._clock()

        def work(c: sqlite3.Connection) -> Found | None:
            if not rows.may_read(c, name, reader):
                return None
            return rows.find(c, name, repository.revision, path, now)

        found = await self._database.read(work, None)
        if found is None:
            raise NotCached(NOTHING_FOR_YOU)
        if found.row is None:
            if found.absent_at is None:
                raise NotCached
            raise EntryNotFound(headers={"X-Repo-Commit": found.absent_at} if found.absent_at else None)
        return self._resolved(repository, found.row, found.content)

    async def find_hash(self, repository: Repository, file_hash: str, token: str | None) -> int:
        """The size in bytes of a repository's file of some Xet hash. Raises NotCached."""
        name, reader = self._name(repository), self._reader(token)

        def work(c: sqlite3.Connection) -> int:
            return rows.size_of(c, name, file_hash) if rows.may_read(c, name, reader) else -2

        size = await self._database.read(work, -2)
        if size < 0:
            raise NotCached(NOTHING_FOR_YOU if size < -1 else None)
        return size

    async def list_files(self, repository: Repository, token: str | None, most: int) -> Sequence[Resolved]:
        """What is known of a revision's files, by their paths. Raises NotCached."""
        name, reader = self._name(repository), self._reader(token)

        def work(c: sqlite3.Connection) -> list[Found] | None:
            if not rows.may_read(c, name, reader):
                return None
            return rows.list_files(c, name, repository.revision, BY_HASH, most)

        found = await self._database.read(work, None)
        if found is None:
            raise NotCached(NOTHING_FOR_YOU)
        return [self._resolved(repository, each.row, each.content) for each in found if each.row is not None]

    def content_of(self, file: Resolved) -> str | None:
        """By which hash the cache has, or had, a file, as far as is at hand."""
        return file.xet_hash or self._contents.find(self._content_key(file))

    async def remember_content(self, file: Resolved, content_hash: str) -> None:
        """Note by which hash the cache has the content of a file that has no Xet hash."""
        key, now = self._content_key(file), self._clock()
        self._contents.keep(key, content_hash)
        await self._write(lambda c: rows.put_content(c, key, content_hash, now), None)

    async def remember_answer(
        self, repository: Repository, token: str | None, target: str, answer: tuple[bytes, bytes]
    ) -> None:
        """Note what the hub's API has just answered a token's owner at a path and query: headers and body."""
        key, now = (self._name(repository), self._reader(token), target), self._clock()
        await self._write(lambda c: rows.put_answer(c, key, answer, now), None)

    async def find_answer(self, target: str, token: str | None) -> tuple[bytes, bytes]:
        """What the API last answered this token's owner, or anybody who has none. Raises NotCached."""
        reader = self._reader(token)
        found = await self._database.read(lambda c: rows.find_answer(c, target, reader), None)
        if found is None:
            raise NotCached("This service is set to be offline, and does not know the hub's answer to this.")
        return found

    async def forget_answer(self, target: str, token: str | None) -> None:
        """Note that the hub's API no longer answers this token's owner."""
        reader = self._reader(token)
        await self._write(lambda c: rows.delete_answer(c, target, reader), None)

    async def _write(
        self, work: Callable[[sqlite3.Connection], rows.Value], otherwise: rows.Value
    ) -> rows.Value:
        self._writes += 1
        due = self._writes % BETWEEN_TRIMS == 0

        def whole(c: sqlite3.Connection) -> rows.Value:
            done = work(c)
            if due:
                rows.trim(c)
            return done

        return await self._database.write(whole, otherwise)

    def _forget_fresh(self) -> None:
        self._fresh = Cache(entries=FRESH, seconds=FRESH_SECONDS)

    def _resolved(self, repository: Repository, row: FileRow, content: str | None) -> Resolved:
        file = Resolved(
            repository, row.path, row.size, row.etag, row.sha256, row.xet_hash, row.commit,
            row.last_modified, location="",
        )  # fmt: skip
        if content is not None:
            self._contents.keep(self._content_key(file), content)
        return file

    def _content_key(self, file: Resolved) -> tuple[str, str, int]:
        # By repository: git's hash alone is not enough to take one owner's file for another's.
        return self._name(file.repository), file.etag, file.size

    def _name(self, repository: Repository) -> str:
        return f"{self._endpoint} {repository.kind}/{repository.name}"

    def _reader(self, token: str | None) -> bytes:
        if token is None:
            return EVERYBODY
        return hashlib.blake2b(token.encode(), key=self._key, digest_size=32).digest()
