"""A handler that reads the files that come with a job."""

from __future__ import annotations

import os


def warm() -> None:
    """Nothing needs loading."""


def handle(header: bytes, body: bytearray, *files: int) -> bytes:
    """How long the header and the body were, and what the files hold."""
    parts = [b"%d %d" % (len(header), len(body))]
    for file in files:
        parts.append(os.pread(file, 1000, 0))
        os.close(file)
    return b"|".join(parts)
