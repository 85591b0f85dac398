"""A small database beside the cache, for what can be learned again: it is begun anew where it is damaged.

files.{number}.sqlite3 in a folder of its own; the highest number counts. A damaged one is not replaced under
its own name, where another process may still have it open, but by one of the next number.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from offing.kernel.logs import log
from offing.xet.engine.cache.folder_lock import FolderLock
from offing.xet.engine.cache.layout import ONLY_OURS, UnsafeFolder, open_file

BUSY_SECONDS = 0.5
"""How long another process is waited for; what is not written then is not remembered."""
QUIET_SECONDS = 60.0
"""Between two words of a failure."""
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
NAME = "files.{}.sqlite3"

Value = TypeVar("Value")
Work = Callable[[sqlite3.Connection], Value]


class OtherVersion(sqlite3.DatabaseError):
    """The database has other tables."""


class Database:
    """Used by one thread of its own. No failure of it is a failure of a download.

    :param folder: its own, made where it is missing; None keeps nothing.
    :param schema: statements that make the tables of an empty database.
    :param version: another number in a database makes it a damaged one.
    """

    def __init__(self, folder: Path | None, schema: str, version: int) -> None:
        self._folder, self._schema, self._version = folder or Path(), schema, version
        self.usable = folder is not None
        self._thread = ThreadPoolExecutor(1, "xet-known")
        self._connection: sqlite3.Connection | None = None
        self._number = 0
        self._told = -QUIET_SECONDS
        self.failures = 0

    async def close(self) -> None:
        """Free it; what was written stays."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._shut)
        self._thread.shutdown(wait=False)

    async def read(self, work: Work[Value], otherwise: Value) -> Value:
        """What some work finds; ``otherwise`` where the database cannot be read."""
        return await self._run(lambda: work(self._open()), otherwise)

    async def write(self, work: Work[Value], otherwise: Value) -> Value:
        """What some work gives, all of whose changes are kept, or none; ``otherwise`` where none could be."""
        return await self._run(lambda: self._changed(work), otherwise)

    async def _run(self, work: Callable[[], Value], otherwise: Value) -> Value:
        if not self.usable:
            return otherwise
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._attempted, work, otherwise
        )

    def _attempted(self, work: Callable[[], Value], otherwise: Value) -> Value:
        try:
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._begin_anew()
                return work()
        except (sqlite3.Error, OSError, UnsafeFolder) as error:
            self._failed(error)
            return otherwise

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if time.monotonic() - self._told >= QUIET_SECONDS:
            self._told = time.monotonic()
            log(
                "xet cannot remember files for offline use", level=logging.WARNING,
                reason=getattr(error, "sqlite_errorname", type(error).__name__),
            )  # fmt: skip

    def _changed(self, work: Work[Value]) -> Value:
        connection = self._open()
        with _transaction(connection):
            return work(connection)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._prepare()
            with self._locked():
                self._number = self._latest() or 1
                self._connection = self._connected()
        return self._connection

    def _begin_anew(self) -> None:
        """Unless another process has done so already."""
        log("xet begins its memory of files anew: it was damaged", level=logging.WARNING)
        self._shut()
        with self._locked():
            if self._latest() in (0, self._number):
                for each in self._folder.glob("files.*"):
                    each.unlink(missing_ok=True)
                self._number += 1
                self._connection = self._connected()

    def _connected(self) -> sqlite3.Connection:
        path = self._folder / NAME.format(self._number)
        os.close(open_file(path, os.O_RDWR | os.O_CREAT))  # closed to other users from the first moment
        connection = sqlite3.connect(path, BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            # Written ahead: a kill at any moment loses nothing, a power cut the last moments.
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-1024;"
                "PRAGMA journal_size_limit=4194304; PRAGMA temp_store=MEMORY;"
            )
            self._agree(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _agree(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found == self._version:
            return
        if found:
            raise OtherVersion
        with _transaction(connection):
            for statement in self._schema.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={self._version}")

    def _prepare(self) -> None:
        self._folder.mkdir(mode=ONLY_OURS, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise UnsafeFolder("A folder of the cache belongs to another user.")
        self._folder.chmod(ONLY_OURS)

    def _latest(self) -> int:
        """The highest number there is, or 0."""
        parts = [each.name.split(".") for each in self._folder.glob(NAME.format("*"))]
        return max((int(part[1]) for part in parts if part[1].isdecimal()), default=0)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FolderLock(self._folder / "lock")
        try:
            with lock.held():
                yield
        finally:
            lock.close()

    def _shut(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # What the database itself has undone already cannot be undone again.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return isinstance(error, OtherVersion) or getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED
