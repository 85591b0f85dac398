"""The hash of a content that the hub tells, over what has come so far."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from offing.xet.engine.content_check import can_check

if TYPE_CHECKING:
    from hashlib import _Hash

    from offing.xet.engine.resolved import Resolved


class ContentHash:
    """False where the hub tells none, and of a Xet file where ``sha256`` does not ask for it."""

    def __init__(self, file: Resolved, *, sha256: bool) -> None:
        self._told, self._hash = "", None if file.xet_hash and not sha256 else _hash_of(file)
        if self._hash is not None:
            self._told = file.sha256 or file.etag

    def __bool__(self) -> bool:
        return self._hash is not None

    def update(self, data: bytes | memoryview) -> None:
        """Go on by some bytes."""
        if self._hash is not None:
            self._hash.update(data)

    def is_right(self) -> bool:
        """Whether it is as told, or nothing is told."""
        return self._hash is None or self._hash.hexdigest() == self._told


def _hash_of(file: Resolved) -> _Hash | None:
    if file.sha256 is not None:
        return hashlib.sha256()
    if file.xet_hash is None and can_check(file):
        # git's name of a content, which no one relies on for more than finding damage.
        return hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    return None
