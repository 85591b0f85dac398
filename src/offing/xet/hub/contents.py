"""Content that is kept whole, by its sha256: small files, and uploads without Xet."""

from __future__ import annotations

import hashlib
from pathlib import Path

from offing.xet.hub.disk import Disk, sharded
from offing.xet.hub.refusals import bad


class Contents:
    """Whole contents on the disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._folder = disk.root / "store" / "contents"

    def path(self, sha256: str) -> Path:
        """Where the content of a sha256 lies."""
        return sharded(self._folder, sha256)

    def keep(self, content: bytes) -> str:
        """Keep a small content; returns its sha256."""
        name = hashlib.sha256(content).hexdigest()
        if not self.path(name).is_file():
            self._disk.put(self.path(name), content)
        return name

    def take(self, sha256: str, temporary: Path) -> None:
        """Keep an uploaded file. Raises Refusal (400) where its sha256 is another."""
        with temporary.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != sha256:
            raise bad("The content has another sha256.")
        self._disk.publish(temporary, self.path(sha256))
