"""Images and containers on the Docker engine of this machine, each known by its id and removed by it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.e2e.services import Service

ROOT = Path(__file__).parents[2]
DOCKER = os.environ.get("WRANGLER_DOCKER_BIN", "docker")
BASE = "python:3.11-slim-bookworm"
BUILD_SECONDS, COMMAND_SECONDS = 600, 60


def docker(*arguments: str, seconds: float = COMMAND_SECONDS, given: bytes = b"") -> str:
    """What a docker command prints that is given an input. Raises AssertionError with its complaint."""
    done = subprocess.run(
        [DOCKER, *arguments], cwd=ROOT, input=given, capture_output=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"docker {' '.join(arguments)}\n{done.stderr.decode()}"
    return done.stdout.decode().strip()


def inspected(thing: str) -> dict[str, Any]:
    """What the engine knows of an image or a container."""
    (found,) = json.loads(docker("inspect", thing))
    return dict(found)


@dataclass(frozen=True)
class Image:
    """A service's image by its id."""

    id: str
    service: Service
    environment: Mapping[str, str] = field(default_factory=dict)
    """What its containers are told."""

    @property
    def bytes_beyond_base(self) -> int:
        """Its unpacked size less that of the image it starts from."""
        return int(inspected(self.id)["Size"]) - int(inspected(BASE)["Size"])


@contextmanager
def built_image(service: Service, environment: Mapping[str, str] | None = None) -> Iterator[Image]:
    """A service's image, built as ``make image`` does; removed afterwards unless it has a name."""
    identity = docker(
        "build", "--quiet", "--build-arg", f"SERVICE={service.name}", ".", seconds=BUILD_SECONDS
    )
    try:
        yield Image(identity, service, environment or {})
    finally:
        if not inspected(identity)["RepoTags"]:
            docker("rmi", identity)


@dataclass(frozen=True)
class Container:
    """A container by its id."""

    id: str
    url: str = ""

    @property
    def started_at(self) -> float:
        """When its process was started, in seconds since the epoch."""
        # The engine tells nanoseconds, which are more digits than a datetime reads.
        return datetime.fromisoformat(inspected(self.id)["State"]["StartedAt"][:26] + "+00:00").timestamp()

    @property
    def peak_memory(self) -> int:
        """The most that it ever held, in bytes: all its processes and the file cache they caused."""
        groups = Path("/sys/fs/cgroup")
        unified = not (groups / "memory").exists()
        peak = groups / "memory.peak" if unified else groups / "memory/memory.max_usage_in_bytes"
        return int(self.execute("cat", str(peak)))

    def execute(self, *command: str, given: bytes = b"") -> str:
        """What a command prints that runs inside and is given an input."""
        return docker("exec", "--interactive", self.id, *command, given=given)

    @property
    def own_memory(self) -> int:
        """What its processes hold now, in bytes: without the file cache."""
        groups = Path("/sys/fs/cgroup")
        unified = not (groups / "memory").exists()
        place, name = (groups, "anon") if unified else (groups / "memory", "rss")
        lines = self.execute("cat", str(place / "memory.stat")).splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[0] == name)

    @property
    def log(self) -> str:
        """What it has written to its two outputs."""
        done = subprocess.run(
            [DOCKER, "logs", self.id], capture_output=True, timeout=COMMAND_SECONDS, check=True
        )
        return (done.stdout + done.stderr).decode()

    def signal(self, name: str) -> None:
        """Send a signal to its first process."""
        docker("kill", "--signal", name, self.id)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return int(docker("wait", self.id))

    @contextmanager
    def expected_to_end(self, code: int, within: float) -> Iterator[None]:
        """Insist that it ends with this exit code, at most so many seconds after the block."""
        command = [DOCKER, "wait", self.id]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as waiting:
            try:
                yield
                told, _ = waiting.communicate(timeout=within)
            finally:
                waiting.kill()
        assert told.strip() == str(code)


@contextmanager
def running_container(image: Image, *options: str, published: bool = True) -> Iterator[Container]:
    """A container of its service's size that may write nowhere, on a free port of 127.0.0.1."""
    size = image.service.size
    limits = ("--cpus", size.processors, "--memory", size.memory, "--memory-swap", size.memory)
    hardened = ("--read-only", "--cap-drop", "ALL")
    port = ("--publish", "127.0.0.1::8080") if published else ()
    told = [f"--env={name}={value}" for name, value in image.environment.items()]
    identity = docker(
        "run", "--detach", *limits, *hardened, *port, *told, *image.service.options, *options, image.id
    )
    try:
        # An engine may tell an address of each family.
        address = f"http://{docker('port', identity, '8080').splitlines()[0]}" if published else ""
        yield Container(identity, address)
    finally:
        docker("rm", "--force", "--volumes", identity)
