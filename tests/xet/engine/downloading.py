"""A hub with a few files, downloads from it in this process and in others, and the state that they leave."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from offing.xet.engine.download import Download
from offing.xet.engine.reader import Reader
from offing.xet.engine.resolved import Resolved
from offing.xet.engine.target_claim import WORKPLACE
from tests.xet.hub_fixture import RunningHub

REPOSITORY = "acme/model"
_RANDOM = random.Random(4)  # noqa: S311  the same files in every run
FILES = {
    "large.bin": _RANDOM.randbytes(9_000_000),
    "mixed.bin": _RANDOM.randbytes(400_000) + bytes(1_500_000) + _RANDOM.randbytes(90_000),
    "words.txt": b"".join(b"%d words\n" % number for number in range(200_000)),
    "empty.txt": b"",
}
"""Content that is no text is in the content store, the others in git."""
SECONDS = 20.0
PROGRAM = """
import asyncio, resource, sys
from pathlib import Path
from offing.xet import Reader, XetProblem
base, name, path, largest = sys.argv[1:]
if int(largest):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), int(largest)))
async def main():
    async with Reader(base) as reader:
        file = await reader.resolve("acme/model", name)
        await reader.download(file, Path(path))
try:
    asyncio.run(main())
except XetProblem as problem:
    print(problem.code)
    sys.exit(problem.exit_code)
"""


@dataclass
class Done:
    """A download that has ended."""

    download: Download
    told: list[int] = field(default_factory=list)
    """What its progress said."""
    error: BaseException | None = None


async def run(
    hub: RunningHub, name: str, target: Path, *, file: Resolved | None = None, sha256: bool = True
) -> Done:
    """Download a file in this process."""
    async with Reader(hub.base) as reader:
        file = file or await reader.resolve(REPOSITORY, name)
        done = Done(Download(reader, file, target, sha256=sha256))
        try:
            await done.download.run(done.told.append)
        except Exception as error:  # noqa: BLE001  the test looks at it
            done.error = error
        return done


def fetch(hub: RunningHub, name: str, target: Path, *, sha256: bool = True) -> Done:
    """Download a file in this process, which must succeed."""
    done = asyncio.run(run(hub, name, target, sha256=sha256))
    if done.error is not None:
        raise done.error
    return done


def start(hub: RunningHub, name: str, target: Path, *, largest: int = 0) -> subprocess.Popen[bytes]:
    """Download a file in another process, whose files may have ``largest`` bytes at most."""
    arguments = [sys.executable, "-c", PROGRAM, hub.base, name, str(target), str(largest)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE)


def part_of(target: Path) -> Path:
    """Where the content lies that has no name yet."""
    name = hashlib.sha256(target.name.encode()).hexdigest()[:32]
    return target.parent / WORKPLACE / f"{name}.part"


def journal_of(target: Path) -> Path:
    """Where its chunks are named."""
    return part_of(target).with_suffix(".journal")


def kill_at(process: subprocess.Popen[bytes], target: Path, size: int) -> int:
    """Kill it as soon as the part has so many bytes; gives how many it has then."""
    deadline = time.monotonic() + SECONDS
    while length_of(part_of(target)) < size:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return length_of(part_of(target))


def length_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def leave_part(hub: RunningHub, name: str, target: Path, size: int) -> None:
    """End a download in this process once so many bytes are in place."""

    async def cancelled() -> None:
        task = asyncio.current_task()
        assert task is not None
        async with Reader(hub.base) as reader:
            file = await reader.resolve(REPOSITORY, name)

            def told(done: int) -> None:
                if done >= size:
                    task.cancel()

            await reader.download(file, target, progress=told)

    with slow(hub), contextlib.suppress(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert not target.exists()
    assert length_of(part_of(target)) >= size


@contextmanager
def slow(hub: RunningHub, megabytes_per_second: float = 6) -> Iterator[None]:
    """Bound the rate of each connection for a while."""
    hub.set_faults(megabytes_per_second=megabytes_per_second)
    try:
        yield
    finally:
        hub.set_faults()


def fetched(hub: RunningHub, kind: str = "xorb") -> int:
    """Bytes that the hub has sent of a kind since its log was cleared."""
    return hub.log.totals[kind].bytes
