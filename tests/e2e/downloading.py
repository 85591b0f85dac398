"""Downloads as they go on: read piece by piece, interrupted, and taken up again."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.files import MODEL
from tests.e2e.traffic import PATIENCE


@dataclass
class Taken:
    """What has come of a file."""

    size: int = 0
    seen: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Of all that came, in hexadecimal."""
        return str(self.seen.hexdigest())


class Download:
    """A file that is being sent."""

    def __init__(self, response: httpx.Response, taken: Taken) -> None:
        self.response, self.taken = response, taken
        self._pieces = response.iter_raw(1 << 18)

    def take(self, size: int) -> None:
        """Return once so many bytes more have come, or the end.

        Raises httpx.RemoteProtocolError where the connection is cut.
        """
        wanted = self.taken.size + size
        while self.taken.size < wanted and (piece := next(self._pieces, b"")):
            self.taken.seen.update(piece)
            self.taken.size += len(piece)

    def take_all(self) -> None:
        """Return at the end."""
        self.take(int(self.response.headers["Content-Length"]))


@contextmanager
def download(url: str, name: str, taken: Taken | None = None) -> Iterator[Download]:
    """A file from a server, or what is missing of it; its head has come."""
    headers = {"Accept-Encoding": "identity"}
    if taken is not None:
        headers["Range"] = f"bytes={taken.size}-"
    with httpx.stream(
        "GET", address(url, name), headers=headers, timeout=PATIENCE, trust_env=False
    ) as response:
        assert response.status_code == (200 if taken is None else 206), response.read()
        yield Download(response, taken or Taken())


@dataclass(frozen=True)
class Fetched:
    """A whole file that curl took."""

    seconds: float
    sha256: str
    verified: str
    """What the answer said of that."""


def fetch(url: str, name: str, path: Path) -> Fetched:
    """A file as curl takes it. It is hashed afterwards, which takes longer than its way here."""
    tell = "%{time_total} %header{x-offing-verified}"
    command = [shutil.which("curl") or "", "-sSf", "-o", str(path), "-w", tell, address(url, name)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, verified = told.split()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    path.unlink()
    return Fetched(float(seconds), sha256, verified)


def address(url: str, name: str) -> str:
    """Where a server has a file."""
    return f"{url}/download/{MODEL}/{name}"
