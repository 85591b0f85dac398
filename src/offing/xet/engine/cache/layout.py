"""Where the cache's files lie, and who may read them.

entries/{hash}              complete and verified: content, then its chunk table, then a trailer
incoming/{hash}.part        content that is being recorded
incoming/{hash}.journal     the chunk table of what has been recorded
lock                        held by whoever changes the above
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from offing.xet.engine.hashes import is_text

ONLY_OURS = 0o700
FILE_MODE = 0o600
_ALWAYS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""What is no regular file is neither followed nor waited for."""


class UnsafeFolder(Exception):  # noqa: N818  what it is says more
    """The folder belongs to somebody else, who could put files of their own into it."""


class Folder:
    """The cache's folder. A file's name is only ever made of a hash that has the form of one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.entries = root / "entries"
        self.incoming = root / "incoming"
        self.lock = root / "lock"

    def prepare(self) -> None:
        """Make what is missing, closed to other users. Raises :class:`UnsafeFolder`, OSError."""
        self.root.mkdir(mode=ONLY_OURS, parents=True, exist_ok=True)
        for folder in (self.entries, self.incoming):
            folder.mkdir(mode=ONLY_OURS, exist_ok=True)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise UnsafeFolder("A folder of the cache belongs to another user.")
            folder.chmod(ONLY_OURS)

    def entry(self, file_hash: str) -> Path:
        """Where a file's complete entry is. Raises ValueError where the hash is none."""
        return self.entries / _checked(file_hash)

    def part(self, file_hash: str) -> Path:
        """Where a file's content is recorded. Raises ValueError."""
        return self.incoming / f"{_checked(file_hash)}.part"

    def journal(self, file_hash: str) -> Path:
        """Where the table of recorded chunks is. Raises ValueError."""
        return self.incoming / f"{_checked(file_hash)}.journal"


def listed(folder: Path, suffix: str = "") -> Iterator[tuple[str, os.stat_result]]:
    """Hash and stat of every regular file of ours in a folder."""
    with os.scandir(folder) as found:
        for each in found:
            name = each.name.removesuffix(suffix)
            if not is_text(name) or not each.name.endswith(suffix) or not each.is_file(follow_symlinks=False):
                continue
            try:
                yield name, each.stat(follow_symlinks=False)
            except FileNotFoundError:  # another process was faster
                continue


def open_file(path: Path, flags: int) -> int:
    """A descriptor of a regular file that is no link; new files are closed to other users. Raises OSError."""
    descriptor = os.open(path, flags | _ALWAYS, FILE_MODE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError("not a regular file")
    return descriptor


def sync_folder(folder: Path) -> None:
    """Make a rename into a folder last. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(file_hash: str) -> str:
    if not is_text(file_hash):
        raise ValueError("not a hash")
    return file_hash
