"""Files that are whole, or not there: written beside, synced, and renamed into place."""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offing.kernel.problems import Problem


class FolderTaken(Problem):
    """Another hub works on the folder."""

    code = "folder-taken"
    text = "Another hub serves this folder."
    remedy = "End it, or name another folder."
    exit_code = 4


class Disk:
    """A folder that one process writes to. Raises :class:`FolderTaken`.

    Whatever a kill leaves behind lies in ``incoming``, which no reader looks into and the next start
    empties.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        make_folder(root)
        self._lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise FolderTaken from None
        self._incoming = root / "incoming"
        shutil.rmtree(self._incoming, ignore_errors=True)
        make_folder(self._incoming)

    def close(self) -> None:
        """Let another process have the folder."""
        os.close(self._lock)

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A new path to write to; what still lies there at the end is removed."""
        place = self._incoming / uuid.uuid4().hex
        try:
            yield place
        finally:
            place.unlink(missing_ok=True)

    def put(self, place: Path, content: bytes, *, mode: int = 0o644) -> None:
        """Write a file; after a crash at any moment it has this content, the former, or is not there."""
        with self.temporary() as temporary:
            temporary.touch(mode)
            temporary.write_bytes(content)
            self.publish(temporary, place)

    def publish(self, temporary: Path, place: Path) -> None:
        """Move a written file to where readers look, once it is on the disk."""
        sync(temporary)
        make_folder(place.parent)
        temporary.replace(place)
        sync(place.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and what is above it, each on the disk before this returns."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sharded(folder: Path, name: str) -> Path:
    """Where a file of a hash lies: folders of two digits keep each short."""
    return folder / name[:2] / name
