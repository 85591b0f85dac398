"""What has been uploaded to a repository: what its commits may name, and its readers may reconstruct."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from offing.xet.hub.disk import make_folder, sync


class Upload(msgspec.Struct, frozen=True, array_like=True):
    """Content that came to a repository."""

    sha256: str
    size: int
    xet: str = ""
    """The file hash; empty where the content is kept whole."""


class Uploads:
    """A file of lines that only grows; a line that a kill cut short is dropped at the next start."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._by_sha256: dict[str, Upload] = {}
        self._hashes: set[str] = set()
        if place.is_file():
            self._load()

    def find(self, sha256: str) -> Upload | None:
        """The upload of a content."""
        return self._by_sha256.get(sha256)

    def has(self, xet: str) -> bool:
        """Whether a file of this hash is among them."""
        return xet in self._hashes

    def add(self, uploads: Iterable[Upload]) -> None:
        """Note uploads, on the disk before this returns."""
        new = [each for each in uploads if self._by_sha256.get(each.sha256) != each]
        if not new:
            return
        make_folder(self._place.parent)
        created = not self._place.exists()
        with self._place.open("ab") as file:
            file.write(b"".join(msgspec.json.encode(each) + b"\n" for each in new))
            file.flush()
            os.fsync(file.fileno())
        if created:
            sync(self._place.parent)
        for each in new:
            self._note(each)

    def _load(self) -> None:
        data = self._place.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self._place, whole)
        for line in data[:whole].splitlines():
            self._note(msgspec.json.decode(line, type=Upload))

    def _note(self, upload: Upload) -> None:
        self._by_sha256[upload.sha256] = upload
        if upload.xet:
            self._hashes.add(upload.xet)
