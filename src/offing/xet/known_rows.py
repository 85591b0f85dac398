"""What is remembered of files, as rows; each function works inside a transaction of its caller's.

``repository`` is a text that names the hub, the kind and the repository; ``reader`` stands for a token, or,
empty, for everybody; ``now`` is in seconds since 1970.
"""

# ruff: noqa: S608  every name that a statement is made of is ours

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

VERSION = 1
SCHEMA = """
CREATE TABLE secrets(name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE readers(repository TEXT, reader BLOB, used REAL NOT NULL, UNIQUE(repository, reader));
CREATE TABLE files(repository TEXT, revision TEXT, path TEXT, size INTEGER NOT NULL, etag TEXT NOT NULL,
    sha256 TEXT, xet_hash TEXT, told_commit TEXT NOT NULL, last_modified TEXT, used REAL NOT NULL,
    UNIQUE(repository, revision, path));
CREATE TABLE absent(repository TEXT, revision TEXT, path TEXT, told_commit TEXT NOT NULL, used REAL NOT NULL,
    UNIQUE(repository, revision, path));
CREATE TABLE contents(repository TEXT, etag TEXT, size INTEGER, xet_hash TEXT NOT NULL, used REAL NOT NULL,
    UNIQUE(repository, etag, size));
CREATE TABLE answers(repository TEXT, reader BLOB, target TEXT, headers BLOB NOT NULL, body BLOB NOT NULL,
    used REAL NOT NULL, UNIQUE(target, reader));
CREATE INDEX readers_used ON readers(used);
CREATE INDEX files_used ON files(used);
CREATE INDEX files_hash ON files(repository, xet_hash);
CREATE INDEX absent_used ON absent(used);
CREATE INDEX contents_used ON contents(used);
CREATE INDEX answers_used ON answers(used)
"""
MOST = {"readers": 50_000, "files": 100_000, "absent": 20_000, "contents": 50_000, "answers": 2000}
"""Rows of each table; the least recently used leave first."""
MOST_ANSWER_BYTES = 64 << 20
"""Of all answers together."""
EVERYBODY = b""
TOUCHED_SECONDS = 3600.0
"""How seldom the use of a row is written."""

_AT = "WHERE repository = ? AND revision = ? AND path = ?"
_FILE = (
    "SELECT f.path, f.size, f.etag, f.sha256, f.xet_hash, f.told_commit, f.last_modified, c.xet_hash, f.used"
    " FROM files f LEFT JOIN contents c ON (c.repository, c.etag, c.size) = (f.repository, f.etag, f.size)"
    " WHERE f.repository = ? AND f.revision = ?"
)

Value = TypeVar("Value")


class FileRow(NamedTuple):
    """What a hub told of a file at one moment."""

    path: str
    size: int
    etag: str
    sha256: str | None
    xet_hash: str | None
    commit: str
    last_modified: str | None


class Found(NamedTuple):
    """What is known of a path."""

    row: FileRow | None
    content: str | None = None
    """By which hash the cache has a file without a Xet hash."""
    absent_at: str | None = None
    """The commit, or an empty text, at which the hub said that there is no such file."""


def secret(c: sqlite3.Connection, name: str, made: bytes) -> bytes:
    """A value that the first of all processes made."""
    c.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, made))
    (value,) = c.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()
    return bytes(value)


def put_reader(c: sqlite3.Connection, repository: str, reader: bytes, now: float) -> None:
    """Note that a reader may read a repository."""
    c.execute("INSERT OR REPLACE INTO readers VALUES (?, ?, ?)", (repository, reader, now))


def delete_readers(c: sqlite3.Connection, repository: str, readers: Iterable[bytes]) -> None:
    """Note that readers may no longer, and drop what they were answered."""
    for reader in readers:
        for table in ("readers", "answers"):
            c.execute(f"DELETE FROM {table} WHERE repository = ? AND reader = ?", (repository, reader))


def may_read(c: sqlite3.Connection, repository: str, reader: bytes) -> bool:
    """Whether a reader, or everybody, may read a repository."""
    query = "SELECT 1 FROM readers WHERE repository = ? AND reader IN (?, ?)"
    return c.execute(query, (repository, reader, EVERYBODY)).fetchone() is not None


def put_file(c: sqlite3.Connection, repository: str, revision: str, row: FileRow, now: float) -> None:
    """Note what a file is at a revision."""
    c.execute(f"DELETE FROM absent {_AT}", (repository, revision, row.path))
    c.execute(
        "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (repository, revision, *row, now),
    )


def put_absent(c: sqlite3.Connection, key: tuple[str, str, str], commit: str, now: float) -> None:
    """Note that a revision of a repository has no file at a path."""
    c.execute(f"DELETE FROM files {_AT}", key)
    c.execute("INSERT OR REPLACE INTO absent VALUES (?, ?, ?, ?, ?)", (*key, commit, now))


def find(c: sqlite3.Connection, repository: str, revision: str, path: str, now: float) -> Found:
    """What is known of a path at a revision; it counts as used."""
    key = (repository, revision, path)
    found = c.execute(f"{_FILE} AND f.path = ?", key).fetchone()
    if found is None:
        absent = c.execute(f"SELECT told_commit FROM absent {_AT}", key).fetchone()
        return Found(None, absent_at=absent[0] if absent is not None else None)
    if found[-1] < now - TOUCHED_SECONDS:
        with suppress(sqlite3.OperationalError):  # what cannot be written can still be read
            c.execute(f"UPDATE files SET used = ? {_AT}", (now, *key))
    return _found(found)


def list_files(c: sqlite3.Connection, repository: str, revision: str, but: str, most: int) -> list[Found]:
    """The files of a revision by their paths, but those whose paths begin in some way."""
    query = f"{_FILE} AND substr(f.path, 1, ?) != ? ORDER BY f.path LIMIT ?"
    return [_found(row) for row in c.execute(query, (repository, revision, len(but), but, most))]


def size_of(c: sqlite3.Connection, repository: str, xet_hash: str) -> int:
    """The size in bytes of any file of a repository that has a Xet hash; -1 where none is known."""
    query = "SELECT size FROM files WHERE repository = ? AND xet_hash = ? LIMIT 1"
    found = c.execute(query, (repository, xet_hash)).fetchone()
    return int(found[0]) if found is not None else -1


def put_content(c: sqlite3.Connection, key: tuple[str, str, int], xet_hash: str, now: float) -> None:
    """Note by which hash the cache has the content of an ETag and size of a repository."""
    c.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?)", (*key, xet_hash, now))


def find_content(c: sqlite3.Connection, key: tuple[str, str, int]) -> str | None:
    """By which hash the cache has, or had, that content."""
    query = "SELECT xet_hash FROM contents WHERE repository = ? AND etag = ? AND size = ?"
    found = c.execute(query, key).fetchone()
    return str(found[0]) if found is not None else None


def put_answer(
    c: sqlite3.Connection, key: tuple[str, bytes, str], answer: tuple[bytes, bytes], now: float
) -> None:
    """Note what the hub's API answered: repository, reader, path and query; headers and body."""
    c.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", (*key, *answer, now))


def find_answer(c: sqlite3.Connection, target: str, reader: bytes) -> tuple[bytes, bytes] | None:
    """What the API answered the reader, or else everybody."""
    query = "SELECT headers, body FROM answers WHERE target = ? AND reader IN (?, ?) ORDER BY reader DESC"
    found = c.execute(query, (target, reader, EVERYBODY)).fetchone()
    return (bytes(found[0]), bytes(found[1])) if found is not None else None


def delete_answer(c: sqlite3.Connection, target: str, reader: bytes) -> None:
    """Drop what the API answered a reader."""
    c.execute("DELETE FROM answers WHERE target = ? AND reader = ?", (target, reader))


def trim(c: sqlite3.Connection) -> None:
    """Bring every table below its bound."""
    for table, most in MOST.items():
        c.execute(
            f"DELETE FROM {table} WHERE rowid IN"
            f" (SELECT rowid FROM {table} ORDER BY used DESC, rowid DESC LIMIT -1 OFFSET ?)",
            (most,),
        )
    c.execute(
        "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM (SELECT rowid, sum(length(body)) OVER"
        " (ORDER BY used DESC, rowid DESC) AS total FROM answers) WHERE total > ?)",
        (MOST_ANSWER_BYTES,),
    )


def clear(c: sqlite3.Connection) -> None:
    """Forget everything but the secrets."""
    for table in MOST:
        c.execute(f"DELETE FROM {table}")


def _found(row: tuple[Any, ...]) -> Found:
    return Found(FileRow(*row[:7]), row[7])
