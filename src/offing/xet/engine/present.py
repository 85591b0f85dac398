"""A file that is there already: whether it is the one that is wanted."""

from __future__ import annotations

import os
from pathlib import Path

from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.content_hash import ContentHash
from offing.xet.engine.resolved import Resolved

STEP_BYTES = 16 << 20
"""Bytes that are hashed at once, some 15 ms of work."""
READ_BYTES = 1 << 20


class Present:
    """What is at a path, hashed step by step; everything here blocks. Raises OSError."""

    def __init__(self, path: Path, file: Resolved) -> None:
        self._path, self._file, self._hash, self.length = path, file, ContentHash(file, sha256=True), 0
        self._content: Descriptor | None = None
        self.can_tell = bool(self._hash)
        """Whether there is anything to compare it with."""

    def open(self) -> None:
        """Only a regular file of the right size, whose hash is known, can be the one that is wanted."""
        if self.can_tell and self._path.is_file() and not self._path.is_symlink():
            number = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            self._content = Descriptor(number)
            if os.fstat(number).st_size != self._file.size:
                self.close()

    def step(self) -> bool:
        """Hash about 16 MiB more; False once there is no more."""
        if self._content is None:
            return False
        stop = self.length + STEP_BYTES
        while self.length < stop:
            data = self._content.read(READ_BYTES, self.length)
            if not data:
                return False
            self._hash.update(data)
            self.length += len(data)
        return True

    def is_file(self) -> bool:
        """Whether it is the file, once all is hashed."""
        return self._content is not None and self.length == self._file.size and self._hash.is_right()

    def close(self) -> None:
        """Idempotent."""
        if self._content is not None:
            self._content.close()
            self._content = None
