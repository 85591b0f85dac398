"""The processes below a process, read from ``/proc``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 10.0


def children(parent: int) -> list[int]:
    """The live children of a process; a zombie is none."""
    return [process for process, state, above in _table() if above == parent and state != "Z"]


def nurseries(parent: int) -> list[int]:
    """The live children of a process that are nurseries."""
    return [each for each in children(parent) if b"offing.kernel.workers.nursery" in _command(each)]


def zombies(parent: int) -> list[int]:
    """The children that have ended and were not reaped."""
    return [process for process, state, above in _table() if above == parent and state == "Z"]


def alive(process: int) -> bool:
    """Whether a process runs; a zombie does not."""
    return any(each == process and state != "Z" for each, state, _ in _table())


def resident(process: int) -> int:
    """Resident memory in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(process: int) -> int:
    """How many files are open."""
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something holds; fail where it does not come to hold."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not so within {seconds} s"
        time.sleep(0.01)


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""  # it ended just now


def _table() -> list[tuple[int, str, int]]:
    rows = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while the folder was read
            rows.append((int(folder.name), fields[0], int(fields[1])))
    return rows
