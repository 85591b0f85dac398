"""One run of a command: no shell, no environment, bounded in time, memory and processor time."""

from __future__ import annotations

import math
import resource
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache


class CommandFailed(RuntimeError):  # noqa: N818  the name says what it is
    """It could not start, took too long, ran out of memory, or ended with an error."""

    def __init__(self, reason: str, written: bytes = b"") -> None:
        self.written = written
        """What it wrote before it ended."""
        super().__init__(reason)


def run(
    arguments: Sequence[str], given: bytes, *, environment: dict[str, str], seconds: float, memory: int
) -> bytes:
    """What the command writes, given its standard input. Raises ``CommandFailed``.

    It is killed after ``seconds`` of wall time. ``memory`` bounds its address space, in bytes, where the
    system can bound another process (Linux); there it also ends at once when its caller does.
    """
    try:
        with subprocess.Popen(  # noqa: S603  the command is the settings', the arguments are ours
            [*_tied(), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            _limit(process.pid, seconds, memory)
            try:
                written, said = process.communicate(given, timeout=seconds)
            except BaseException:  # out of time or interrupted, the program must not run on
                process.kill()
                raise
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"{arguments[0]} took longer than {seconds:g} seconds.") from None
    except OSError as error:
        raise CommandFailed(f"{arguments[0]} cannot be started: {error.strerror}.") from error
    if process.returncode:
        last = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise CommandFailed(f"{arguments[0]} ended with {process.returncode}: {last}", written)
    return written


@cache
def _tied() -> tuple[str, ...]:
    """What ties a process to its parent.

    A function run between fork and exec could do it too, but may hang where other threads hold locks.
    """
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()


def _limit(pid: int, seconds: float, memory: int) -> None:
    if not hasattr(resource, "prlimit"):
        return
    try:
        resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))
        # Should its caller be killed where nothing ties the two, the processor time still ends it.
        resource.prlimit(pid, resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    except ProcessLookupError:
        return  # it has ended already
