"""A server and all of its descendants, read from /proc: who they are and what memory they hold."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
MEBIBYTE = 1 << 20
PROPORTIONAL_EVERY = 5
"""PSS makes the kernel walk page tables, so only each fifth sample and each new peak reads it."""


def tree(root: int) -> list[int]:
    """The process and its living descendants, parents first."""
    found = [root]
    for pid in found:  # grows while it is read: that is the walk
        try:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                found.extend(map(int, (thread / "children").read_text().split()))
        except OSError:
            continue  # it ended while we looked
    return found


def resident(pids: list[int]) -> int:
    """The sum of the processes' RSS in bytes; a page that two of them share counts twice."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except (OSError, IndexError):
            continue
    return total


def proportional(pids: list[int]) -> int:
    """The sum of the processes' PSS in bytes; a shared page counts once."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def born(pids: list[int]) -> dict[int, int]:
    """When each living process started, in clock ticks: with its id this names it for good."""
    found = {}
    for pid in pids:
        with suppress(OSError):  # it has ended
            # Field 22 of proc_pid_stat(5); the second field is a name that may hold spaces.
            found[pid] = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return found


def end(pids: list[int]) -> None:
    """Kill these processes; those that have ended are passed over."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@dataclass
class Peak:
    """The most memory a tree has held, in bytes, and how often it was looked at."""

    resident: int = 0
    proportional: int = 0
    samples: int = 0

    def take(self, pids: list[int]) -> None:
        """Look once."""
        held = resident(pids)
        if self.samples % PROPORTIONAL_EVERY == 0 or held > self.resident + 4 * MEBIBYTE:
            self.proportional = max(self.proportional, proportional(pids))
        self.resident = max(self.resident, held)
        self.samples += 1


class Watch:
    """Samples a tree's memory in a thread until it is left: ``with Watch(pid, peak): …``."""

    def __init__(self, root: int, peak: Peak, every: float = 0.02) -> None:
        self.root, self.peak, self.every = root, peak, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self.peak

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self.peak.take(tree(self.root))
            due = max(due + self.every, time.monotonic())
