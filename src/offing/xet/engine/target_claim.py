"""The right to write a file: one download at a time makes it, in whichever process."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

WORKPLACE = ".offing"
"""The folder beside a file where it is made; gone once nothing is left to be resumed."""
ASK_AGAIN = 0.2
"""Seconds between two tries to get a right that somebody else has."""


class Claim:
    """The right to make the file at ``target``, and the places of what becomes it.

    A killed process loses its right with its life; what it had written stays for the next one.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.parent / WORKPLACE
        # A file's name may be as long as a file system takes, so theirs are not made by adding to it.
        name = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:32]
        self.part = self.folder / f"{name}.part"
        self.journal = self.folder / f"{name}.journal"
        self._lock = self.folder / f"{name}.lock"
        self._number = -1

    def take(self) -> bool:
        """Get it, unless somebody else has it. Makes the folders that are missing. Raises OSError."""
        while True:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                number = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:  # whoever was done has just removed the folder
                continue
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_lock(number):
                    self._number, number = number, -1
                    return True
            except BlockingIOError:
                return False
            finally:
                if number >= 0:
                    os.close(number)

    def let_go(self) -> None:
        """Give it up, and leave nothing but what can be resumed; once."""
        # The name goes before the lock: who waits for the lock sees that it has another file.
        with suppress(OSError):  # something is left, of this file or of another
            self._lock.unlink(missing_ok=True)
            self.folder.rmdir()
        os.close(self._number)

    def _is_lock(self, number: int) -> bool:
        """Whether the open file still has the lock's name."""
        with suppress(FileNotFoundError):
            return os.path.samestat(self._lock.lstat(), os.fstat(number))
        return False


@asynccontextmanager
async def claimed(target: Path) -> AsyncIterator[Claim]:
    """Hold the right to make a file, waiting for whoever has it. Raises OSError."""
    claim = Claim(target)
    while not claim.take():  # noqa: ASYNC110  no event tells what another process does
        await asyncio.sleep(ASK_AGAIN)
    try:
        yield claim
    finally:
        claim.let_go()
