"""The Worker on this machine: ``wrangler dev`` with real Durable Objects and real containers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.engine import ROOT, Container, docker
from tests.e2e.services import SERVICES, Service

WORKER = ROOT / "worker"
PROGRAMS = WORKER / "node_modules" / ".bin"
SLEEP_AFTER = 6
"""Seconds without a request after which a container sleeps in these tests."""
START_SECONDS, STOP_SECONDS = 600, 15
READY = re.compile(r"Ready on (http://127\.0\.0\.1:\d+)")
QUIET = {
    "CLOUDFLARE_CF_FETCH_ENABLED": "false",
    "NO_COLOR": "1",
    "WRANGLER_HIDE_BANNER": "true",
    "WRANGLER_SEND_METRICS": "false",
}


ONE_EACH = {f"{each.name.upper()}_INSTANCES": "1" for each in SERVICES} | {"XET_STORE_MAX_BYTES": "0"}
"""Variables of a Worker with one container of each service, and no bucket that answers in its place."""


@dataclass(frozen=True)
class Edge:
    """A running Worker."""

    name: str
    url: str
    log: Path
    group: int
    """The process group of wrangler and what it started."""

    @property
    def memory(self) -> int:
        """What the runtime holds now, in bytes: the Worker and the Durable Objects."""
        return sum(
            int(found[1]) * 1024
            for process in Path("/proc").glob("[0-9]*")
            if _is_runtime(process, self.group)
            and (found := re.search(r"VmRSS:\s+(\d+) kB", (process / "status").read_text()))
        )

    def state(self, service: Service) -> str:
        """What the Worker says of a service's container."""
        health = httpx.get(f"{self.url}/health", timeout=10).raise_for_status().json()
        return str(health["services"][service.name]["state"])

    def containers(self, service: Service) -> list[Container]:
        """The containers of a service that are awake."""
        begin = f"workerd-{self.name}-{service.name.capitalize()}-"
        return [
            Container(identity)
            for identity, name in _started(self.name)
            if name.startswith(begin) and not name.endswith("-proxy")
        ]

    def wait_until_asleep(self, service: Service) -> None:
        """Return when no container of a service is awake."""
        deadline = time.monotonic() + SLEEP_AFTER + 15
        while self.containers(service) or (state := self.state(service)) != "asleep":
            assert time.monotonic() < deadline, f"still {state}:\n{self.log.read_text()[-2000:]}"
            time.sleep(0.2)


@contextmanager
def running_edge(
    folder: Path, variables: Mapping[str, str], *further: str, label: str = "e2e"
) -> Iterator[Edge]:
    """Run the Worker on a free port of 127.0.0.1, and remove every container that it leaves behind.

    ``further`` options may name another Worker's configuration; the label tells those apart that run at once.
    """
    assert (PROGRAMS / "wrangler").exists(), "run `npm ci` in worker/ first"
    name, log = f"offing-{label}-{os.getpid()}", folder / "wrangler.log"
    options = ("--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", *further)
    sleep = [f"--var={each.name.upper()}_SLEEP_AFTER:{SLEEP_AFTER}s" for each in SERVICES]
    given = [f"--var={name}:{value}" for name, value in variables.items()]
    lasting = ("--persist-to", str(folder / "state"), *sleep, *given)
    environment = os.environ | QUIET | {"PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    with log.open("w") as told:
        process = subprocess.Popen(
            [PROGRAMS / "wrangler", "dev", "--name", name, *options, *lasting],
            cwd=WORKER, env=environment, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Edge(name, _ready(process, log), log, process.pid)
    finally:
        _end(process)
        for identity, _ in _started(name, "--all"):
            docker("rm", "--force", identity)


def _is_runtime(process: Path, group: int) -> bool:
    try:
        name, _, rest = (process / "stat").read_text().rpartition(")")
    except OSError:  # it has ended
        return False
    return "(workerd" in name and int(rest.split()[2]) == group


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while not (found := READY.search(log.read_text())):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    return found[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End wrangler and what it started, which share its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _started(name: str, *options: str) -> list[tuple[str, str]]:
    """The containers and network sidecars of a Worker, as pairs of id and name."""
    lines = docker(
        "ps", *options, "--no-trunc", "--filter", f"name=workerd-{name}-", "--format", "{{.ID}} {{.Names}}"
    )
    pairs = (line.partition(" ") for line in lines.splitlines())
    return [(identity, names) for identity, _, names in pairs]
