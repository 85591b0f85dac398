"""Where jobs lie on the disk, and which servers that share the folder are alive.

jobs.sqlite3        a row a job
files/{server}.{x}  a body or an answer; the name tells which server wrote it
servers/{server}    locked by that server for as long as it lives: a killed process gives its lock back
lock                held by whoever looks at the servers' locks or adds one
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ONLY_OURS, FILE_MODE = 0o700, 0o600
_ALWAYS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
DEFAULT = Path("~/.local/state/offing/jobs")


class UnsafeFolder(Exception):  # noqa: N818  what it is says more
    """The folder belongs to somebody else, who could put jobs of their own into it."""


class Folder:
    """The folder as one living server uses it. What is in it is closed to other users."""

    def __init__(self, root: Path) -> None:
        self.database = root / "jobs.sqlite3"
        self.server = secrets.token_hex(8)
        """This server's name."""
        self._root, self._files, self._servers = root, root / "files", root / "servers"
        self._lock = -1
        self._life = -1

    def enter(self) -> None:
        """Make what is missing, and be known as alive. Raises :class:`UnsafeFolder`, OSError."""
        self._root.mkdir(mode=ONLY_OURS, parents=True, exist_ok=True)
        _require_ours(self._root.stat())
        for each in (self._files, self._servers):
            each.mkdir(mode=ONLY_OURS, exist_ok=True)
            _require_ours(each.lstat())
            each.chmod(ONLY_OURS)
        self._lock = _open(self._root / "lock", os.O_RDWR | os.O_CREAT)
        with self._locked():
            self._life = _open(self._servers / self.server, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            fcntl.flock(self._life, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(_open(self.database, os.O_RDWR | os.O_CREAT))  # closed to others from the first moment

    def leave(self) -> None:
        """Be known as gone."""
        with suppress(OSError):
            (self._servers / self.server).unlink(missing_ok=True)
        for descriptor in (self._life, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._life = self._lock = -1

    def create(self) -> tuple[str, int]:
        """A new file's name and its descriptor. Raises OSError."""
        name = f"{self.server}.{secrets.token_hex(8)}"
        return name, _open(self._files / name, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open(self, name: str) -> int:
        """A descriptor of a file, to be read. Raises OSError."""
        return _open(self._files / name, os.O_RDONLY)

    def delete(self, name: str) -> None:
        """Delete a file; no name, or no such file, is none to delete."""
        if name:
            with suppress(OSError):
                (self._files / name).unlink()

    def sync(self) -> None:
        """Have the disk keep the names of the files. Raises OSError."""
        descriptor = os.open(self._files, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def names(self) -> list[str]:
        """The names of all files. Raises OSError."""
        return [each.name for each in self._files.iterdir()]

    def bury(self) -> frozenset[str]:
        """The servers that are alive, as this one is; the others' marks are deleted. Raises OSError."""
        alive = {self.server}
        with self._locked():
            for mark in self._servers.iterdir():
                if mark.name != self.server and not _is_free(mark):
                    alive.add(mark.name)
        return frozenset(alive)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)


def server_of(name: str) -> str:
    """The server that wrote a file."""
    return name.partition(".")[0]


def folder_of(setting: str) -> Path:
    """Where jobs are kept; a folder that nobody can make where this user has no home."""
    try:
        return Path(setting) if setting else DEFAULT.expanduser()
    except RuntimeError:
        return Path(os.devnull) / "jobs"


def _require_ours(found: os.stat_result) -> None:
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise UnsafeFolder("A folder of jobs belongs to another user.")


def _is_free(mark: Path) -> bool:
    """Whether nobody holds a server's mark, which is then deleted."""
    try:
        descriptor = _open(mark, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        mark.unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    """A descriptor of a regular file that is no link. Raises OSError."""
    descriptor = os.open(path, flags | _ALWAYS, FILE_MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError("not a regular file")
    return descriptor
