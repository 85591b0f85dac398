"""Jobs on the disk: rows in SQLite, bodies and answers as files beside it.

What was answered 202 outlives a kill at any moment. Several servers may share a folder: each runs what it
has claimed, and takes over what a dead one left.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from offing.kernel.jobs import rows
from offing.kernel.jobs.folder import Folder, server_of
from offing.kernel.jobs.job import Job
from offing.kernel.jobs.problems import JobsFull
from offing.kernel.jobs.spool import Spool

BUSY_SECONDS = 10.0
"""How long another server's transaction is waited for."""

Value = TypeVar("Value")


class OtherVersion(sqlite3.DatabaseError):
    """The database has other tables."""


class Store:
    """Used in one event loop; nothing blocks it.

    :param most: jobs that may wait or run.
    :param max_bytes: that bodies and answers may take, 64 KiB a job counted besides.
    :param clock: seconds since 1970.
    """

    def __init__(
        self, folder: Path, *, most: int, max_bytes: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = Folder(folder)
        self._most, self._max_bytes, self._clock = most, max_bytes, clock
        self._rows = ThreadPoolExecutor(1, "jobs-rows")
        self._disk = ThreadPoolExecutor(1, "jobs-files")
        self._connection: sqlite3.Connection | None = None
        self._held = 0
        """Bytes of all jobs, as last seen."""
        self._coming = 0
        """Bytes of files that no job has yet."""

    async def open(self) -> None:
        """Find what is there. Raises UnsafeFolder, OSError, sqlite3.Error."""
        await self._do(self._open)

    async def close(self) -> None:
        """Let go of the folder; what is in it stays."""
        await asyncio.to_thread(self._shut)

    async def spool(self) -> Spool:
        """A new file for a body or an answer. Raises JobsFull from its writing, OSError."""
        name, descriptor = await asyncio.get_running_loop().run_in_executor(self._disk, self._folder.create)
        return Spool(name, descriptor, self._disk, self._count, self._folder)

    async def open_file(self, name: str) -> int:
        """A descriptor of a job's file, to be read. Raises OSError where it is gone."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, self._folder.open, name)

    async def require_room(self, size: int = 0) -> None:
        """Raise JobsFull where no job with a body of so many bytes is taken now."""

        def work(c: sqlite3.Connection) -> None:
            self._check_room(c, size)

        await self._change(work)

    async def add(self, job: Job, body: Spool) -> None:
        """Keep a job and its body. Raises JobsFull. Where the caller is cancelled, it is not kept."""

        def work(c: sqlite3.Connection) -> None:
            self._check_room(c, job.body_bytes)
            rows.insert(c, job)

        def kept() -> None:
            self._changed(work)
            body.kept = True

        try:
            await self._surely(kept)
        except asyncio.CancelledError:
            await self.remove(job.id, job.path, job.key)
            raise

    async def find(self, id_: str, path: str, key: str) -> Job | None:
        """The job of an id, a kind's path and an owner."""
        return await self._change(lambda c: rows.find(c, (id_, path, key), self._clock()))

    async def remove(self, id_: str, path: str, key: str) -> bool:
        """Forget a job and all that is kept of it; whether there was one."""

        def work() -> bool:
            job = self._changed(lambda c: rows.delete(c, (id_, path, key), self._clock()))
            self._drop([] if job is None else [job])
            return job is not None

        return await self._surely(work)

    async def claim(self, paths: Sequence[str]) -> Job | None:
        """The next due job of some kinds, which now is this server's to run; as it was before."""
        return await self._change(lambda c: rows.claim(c, paths, self._folder.server, self._clock()))

    async def put_back(self, job: Job, pause: float, *, uncounted: bool = False) -> None:
        """Let a job of this server's wait again, for some seconds at least."""

        def work() -> None:
            due = self._clock() + pause
            self._changed(lambda c: rows.put_back(c, job.id, self._folder.server, due, uncounted=uncounted))

        await self._surely(work)

    async def finish(self, job: Job, answer: Spool | None) -> bool:
        """Note how a job of this server's has ended; false where it was deleted meanwhile."""

        def work() -> bool:
            if not self._changed(lambda c: rows.finish(c, job, self._folder.server)):
                return False
            if answer is not None:
                answer.kept = True
            self._folder.delete(job.body)
            if job.headers:
                # A secret goes with its page, and with what was written ahead of it.
                self._database().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return True

        return await self._surely(work)

    async def claim_webhook(self, leases: Sequence[float]) -> Job | None:
        """The next job whose webhook is due, nobody else's for as long as the lease of that attempt."""
        return await self._change(lambda c: rows.claim_webhook(c, self._clock(), leases))

    async def set_webhook_due(self, job: Job, due: float | None) -> None:
        """Say when a webhook is called again; None for never."""
        await self._change(lambda c: rows.set_webhook_due(c, job.id, due))

    async def next_due(self, paths: Sequence[str]) -> float | None:
        """When the next job of some kinds is due."""
        return await self._change(lambda c: rows.next_due(c, paths, self._clock()))

    async def next_webhook(self) -> float | None:
        """When the next webhook is due."""
        return await self._change(rows.next_webhook)

    async def unfinished(self) -> int:
        """How many jobs wait or run."""
        return await self._change(rows.unfinished)

    async def sweep(self, running: Collection[str]) -> list[str]:
        """Forget what has expired, and take over what dead servers left; the ids of what was forgotten.

        ``running``: the ids of jobs that this server runs.
        """
        return await self._surely(lambda: self._sweep(running))

    def _sweep(self, running: Collection[str]) -> list[str]:
        now = self._clock()

        def work(c: sqlite3.Connection) -> tuple[frozenset[str], list[Job], set[str]]:
            alive = self._folder.bury()  # and while this transaction lasts, nobody else claims a job
            rows.release(c, alive, (self._folder.server, running), now)
            return alive, rows.expire(c, now), rows.named_files(c)

        # What a living server writes is no job's yet; what a dead one wrote, and no job has, is nobody's.
        names = self._folder.names()
        alive, expired, named = self._changed(work)
        for name in names:
            if name not in named and server_of(name) not in alive:
                self._folder.delete(name)
        self._drop(expired)
        return [job.id for job in expired]

    def _drop(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._folder.delete(job.body)
            self._folder.delete(job.answer)
            if job.headers:
                self._database().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _check_room(self, c: sqlite3.Connection, size: int) -> None:
        if rows.unfinished(c) >= self._most or rows.held(c) + size + rows.ROW_BYTES > self._max_bytes:
            raise JobsFull

    def _count(self, size: int) -> None:
        """Count bytes that no job has yet. Raises JobsFull."""
        if size > 0 and self._held + self._coming + size > self._max_bytes:
            raise JobsFull
        self._coming += size

    def _open(self) -> None:
        self._folder.enter()
        connection = sqlite3.connect(
            self._folder.database, BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        self._connection = connection
        # FULL: what was answered 202 outlives a power cut, too.
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
            "PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY;"
        )
        self._changed(_agree)

    def _shut(self) -> None:
        self._disk.shutdown()
        self._rows.submit(self._disconnect)
        self._rows.shutdown()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._folder.leave()

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("closed")
        return self._connection

    def _changed(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        connection = self._database()
        with _transaction(connection):
            before = connection.total_changes
            done = work(connection)
            if connection.total_changes != before:
                self._held = rows.held(connection)
            return done

    async def _change(self, work: Callable[[sqlite3.Connection], Value]) -> Value:
        return await self._do(lambda: self._changed(work))

    async def _do(self, work: Callable[[], Value]) -> Value:
        return await asyncio.get_running_loop().run_in_executor(self._rows, work)

    async def _surely(self, work: Callable[[], Value]) -> Value:
        """The same, done to its end also where the caller is cancelled meanwhile."""
        doing = asyncio.get_running_loop().run_in_executor(self._rows, work)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            doing.exception()
            raise


def _agree(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found not in (0, rows.VERSION):
        raise OtherVersion
    if not found:
        for statement in rows.SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={rows.VERSION}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:  # whatever stopped it, the transaction must not stay open
        # What the database itself has undone already cannot be undone again.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
