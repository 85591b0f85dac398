"""The statements over the table of jobs. Each function runs inside a transaction of its caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from offing.kernel.jobs.job import MOST_ATTEMPTS, UNFINISHED, Job

VERSION = 1
ROW_BYTES = 64 * 1024
"""What a job counts beside its body and its answer, so that jobs without either are bounded, too."""
FIELDS = Job.__struct_fields__
IN_JSON = frozenset({"headers", "told"})
SCHEMA = """
CREATE TABLE jobs (
  id TEXT PRIMARY KEY, path TEXT NOT NULL, service TEXT NOT NULL, key TEXT NOT NULL,
  request_id TEXT NOT NULL, query TEXT NOT NULL, headers TEXT NOT NULL,
  body TEXT NOT NULL, body_bytes INTEGER NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, due REAL NOT NULL, server TEXT NOT NULL,
  created REAL NOT NULL, started REAL, finished REAL, expires REAL NOT NULL,
  status INTEGER NOT NULL, content_type TEXT NOT NULL, answer TEXT NOT NULL, answer_bytes INTEGER NOT NULL,
  told TEXT, webhook TEXT NOT NULL, webhook_attempts INTEGER NOT NULL, webhook_due REAL
) STRICT;
CREATE INDEX by_due ON jobs (state, due);
CREATE INDEX by_expiry ON jobs (expires);
CREATE INDEX by_webhook ON jobs (webhook_due) WHERE webhook_due IS NOT NULL
"""


def insert(c: sqlite3.Connection, job: Job) -> None:
    """Add a job."""
    marks = ", ".join("?" * len(FIELDS))
    c.execute(f"INSERT INTO jobs ({', '.join(FIELDS)}) VALUES ({marks})", _values(job))  # noqa: S608  our own names


def unfinished(c: sqlite3.Connection) -> int:
    """How many jobs wait or run."""
    row = c.execute("SELECT count(*) FROM jobs WHERE state IN (?, ?)", UNFINISHED).fetchone()
    return int(row[0])


def held(c: sqlite3.Connection) -> int:
    """Bytes that all jobs count."""
    row = c.execute(
        "SELECT coalesce(sum(body_bytes + answer_bytes + ?), 0) FROM jobs", (ROW_BYTES,)
    ).fetchone()
    return int(row[0])


def find(c: sqlite3.Connection, place: tuple[str, str, str], now: float) -> Job | None:
    """The job of an id, a kind's path and an owner, unless it has expired."""
    row = c.execute(
        "SELECT * FROM jobs WHERE id = ? AND path = ? AND key = ? AND expires > ?", (*place, now)
    ).fetchone()
    return None if row is None else _job(row)


def claim(c: sqlite3.Connection, paths: Sequence[str], server: str, now: float) -> Job | None:
    """The job that has been due for longest, from now on running at a server; as it was before."""
    row = c.execute(
        "SELECT * FROM jobs WHERE state = 'queued' AND due <= ? AND expires > ?"  # noqa: S608
        f" AND path IN ({_marks(paths)}) ORDER BY due, created LIMIT 1",
        (now, now, *paths),
    ).fetchone()
    if row is None:
        return None
    job = _job(row)
    c.execute(
        "UPDATE jobs SET state = 'running', server = ?, attempts = ?, started = coalesce(started, ?)"
        " WHERE id = ?",
        (server, min(job.attempts + 1, MOST_ATTEMPTS), now, job.id),
    )
    return job


def put_back(c: sqlite3.Connection, id_: str, server: str, due: float, *, uncounted: bool) -> None:
    """Let a job that a server runs wait again; ``uncounted`` takes the attempt back."""
    c.execute(
        "UPDATE jobs SET state = 'queued', server = '', due = ?, attempts = attempts - ?"
        " WHERE id = ? AND state = 'running' AND server = ?",
        (due, uncounted, id_, server),
    )


def finish(c: sqlite3.Connection, job: Job, server: str) -> bool:
    """Note how a job that a server runs has ended; false where it is no longer that server's, or gone."""
    done = c.execute(
        "UPDATE jobs SET state = ?, server = '', headers = '{}', query = '', body = '', body_bytes = 0,"
        " finished = ?, expires = ?, status = ?, content_type = ?, answer = ?, answer_bytes = ?, told = ?,"
        " webhook_due = ? WHERE id = ? AND state = 'running' AND server = ?",
        (
            job.state, job.finished, job.expires, job.status, job.content_type, job.answer, job.answer_bytes,
            _json(job.told), job.webhook_due, job.id, server,
        ),
    )  # fmt: skip
    return done.rowcount == 1


def delete(c: sqlite3.Connection, place: tuple[str, str, str], now: float) -> Job | None:
    """Forget a job; what it was."""
    job = find(c, place, now)
    if job is not None:
        c.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
    return job


def expire(c: sqlite3.Connection, now: float) -> list[Job]:
    """Forget what has expired; what that was."""
    return [
        _job(row) for row in c.execute("DELETE FROM jobs WHERE expires <= ? RETURNING *", (now,)).fetchall()
    ]


def release(
    c: sqlite3.Connection, alive: Collection[str], mine: tuple[str, Collection[str]], now: float
) -> None:
    """Let jobs wait again whose server is gone, or which a server, ``mine``, does not run in truth."""
    server, running = mine
    rows = c.execute("SELECT id, server FROM jobs WHERE state = 'running'").fetchall()
    for row in rows:
        if row["server"] not in alive or (row["server"] == server and row["id"] not in running):
            put_back(c, row["id"], row["server"], now, uncounted=False)


def named_files(c: sqlite3.Connection) -> set[str]:
    """The names of files that jobs have."""
    return {name for row in c.execute("SELECT body, answer FROM jobs") for name in row}


def next_due(c: sqlite3.Connection, paths: Sequence[str], now: float) -> float | None:
    """When the next waiting job is due."""
    row = c.execute(
        f"SELECT min(due) FROM jobs WHERE state = 'queued' AND expires > ? AND path IN ({_marks(paths)})",  # noqa: S608
        (now, *paths),
    ).fetchone()
    return None if row[0] is None else float(row[0])


def claim_webhook(c: sqlite3.Connection, now: float, leases: Sequence[float]) -> Job | None:
    """The job whose webhook has been due for longest, as it now is.

    It is due again after the lease, or, after the last, never: so nobody else calls it meanwhile, and
    somebody does where the caller is killed.
    """
    row = c.execute(
        "SELECT * FROM jobs WHERE webhook_due <= ? ORDER BY webhook_due LIMIT 1", (now,)
    ).fetchone()
    if row is None:
        return None
    job = _job(row)
    lease = leases[job.webhook_attempts] if job.webhook_attempts < len(leases) else None
    job.webhook_attempts += 1
    job.webhook_due = None if lease is None else now + lease
    c.execute(
        "UPDATE jobs SET webhook_attempts = ?, webhook_due = ? WHERE id = ?",
        (job.webhook_attempts, job.webhook_due, job.id),
    )
    return job


def next_webhook(c: sqlite3.Connection) -> float | None:
    """When the next webhook is due."""
    row = c.execute("SELECT min(webhook_due) FROM jobs WHERE webhook_due IS NOT NULL").fetchone()
    return None if row[0] is None else float(row[0])


def set_webhook_due(c: sqlite3.Connection, id_: str, due: float | None) -> None:
    """Say when a webhook is called again; None for never."""
    c.execute("UPDATE jobs SET webhook_due = ? WHERE id = ?", (due, id_))


def _values(job: Job) -> tuple[Any, ...]:
    values = (getattr(job, name) for name in FIELDS)
    return tuple(
        _json(value) if name in IN_JSON else value for name, value in zip(FIELDS, values, strict=True)
    )


def _job(row: sqlite3.Row) -> Job:
    fields = {name: row[name] for name in FIELDS}
    fields |= {name: msgspec.json.decode(fields[name]) for name in IN_JSON if fields[name] is not None}
    return Job(**fields)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))
