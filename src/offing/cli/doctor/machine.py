"""The machine: Python, processors, memory, the port."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

from offing.cli.doctor.check import Check, State
from offing.kernel.processors import available

MEMORY_FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
LEAST_MEMORY = 512 * 1024**2
NO_LIMIT = 1 << 60
"""What cgroup v1 says where there is no limit is above this."""


def python() -> Iterator[Check]:
    """The interpreter; that it is new enough, the installation has seen to."""
    yield Check(
        "Python", State.OK, f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    )


def processors() -> Iterator[Check]:
    """How many processors may be used; each decodes one large image at a time."""
    yield Check("processors", State.OK, str(available()))


def memory(files: tuple[Path, ...] = MEMORY_FILES) -> Iterator[Check]:
    """The container's limit of memory, where it has one."""
    limit = next((found for file in files if (found := _limit(file))), None)
    if limit is None:
        yield Check("memory", State.OK, "no limit is set")
    elif limit < LEAST_MEMORY:
        remedy = "Give the container 1 GiB, or set OFFING_INSIGHTS_WORKER_MEMORY and _MAX_PIXELS lower."
        yield Check("memory", State.NOTE, f"limited to {limit / 1024**2:.0f} MiB", remedy)
    else:
        yield Check("memory", State.OK, f"limited to {limit / 1024**2:.0f} MiB")


def port() -> Iterator[Check]:
    """Whether the address that `offing serve` would take is free."""
    from offing.kernel.listener import PortTaken, listen
    from offing.kernel.server_settings import PREFIX, ServerSettings
    from offing.kernel.settings import load

    settings = load(ServerSettings, PREFIX)
    try:
        listen(settings.host, settings.port).close()
    except PortTaken as problem:
        # It may well be Offing that has it, and another port is one option away.
        yield Check("port", State.NOTE, problem.public_text, problem.public_remedy)
    else:
        yield Check("port", State.OK, f"{settings.host}:{settings.port} is free")


def _limit(file: Path) -> int | None:
    try:
        limit = int(file.read_text())
    except (OSError, ValueError):  # no such file, or "max"
        return None
    return limit if limit < NO_LIMIT else None
