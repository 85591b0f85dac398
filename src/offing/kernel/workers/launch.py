"""Starts nursery processes, early where there are processors: their imports run beside the server's own."""

from __future__ import annotations

import socket
import subprocess
import sys

import msgspec

from offing.kernel.processors import available
from offing.kernel.settings import environment

# Threads inside a worker would multiply its memory and break the fork. Most of what a decode waits
# for is memory being faulted in: memory of a few megabytes is kept for the next image, and larger
# memory comes in huge pages, which takes a fifth off the time of a large image.
MALLOC = ("mmap_threshold=4194304", "trim_threshold=16777216", "hugetlb=1")
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "GLIBC_TUNABLES": ":".join(f"glibc.malloc.{each}" for each in MALLOC),
}
INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")

_early: dict[str, Launched] = {}


class Launched(msgspec.Struct, frozen=True):
    """A nursery's process and the server's end of its control socket."""

    process: subprocess.Popen[bytes]
    control: socket.socket


def launch_early(handler: str) -> None:
    """Start a nursery that the pool of this handler will take over, where it has a processor to itself.

    On a share of one, two processes that load at once take a tenth more than one after the other.
    """
    if handler not in _early and available() > 1:
        _early[handler] = _launch(handler)


def launch(handler: str) -> Launched:
    """The nursery that was started early for this handler, or a new one."""
    return _early.pop(handler, None) or _launch(handler)


def _launch(handler: str) -> Launched:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603  our own module, by this interpreter
            [sys.executable, "-m", "offing.kernel.workers.nursery", str(theirs.fileno()), handler],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**inherited_environment(), **ENVIRONMENT},
        )
    ours.setblocking(False)
    return Launched(process, ours)


def inherited_environment() -> dict[str, str]:
    """What a worker process may see of the environment: how to find Python, and no secret."""
    return {
        name: value for name, value in environment().items() if name in INHERITED or name.startswith("PYTHON")
    }
