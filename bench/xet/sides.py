"""The server under measurement, and the client that downloads from it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from bench.insights import process_tree
from bench.xet.content import REPOSITORY
from bench.xet.hubs import RunningHub, await_port, free_port

DRAIN_SECONDS = 30
READY_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """A server at work."""

    base: str
    pid: int

    def processor(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        # The clock of another process, as clock_getcpuclockid(3) makes its number.
        return time.clock_gettime(~self.pid << 3 | 2)

    def resident(self) -> int:
        """Bytes."""
        return process_tree.resident([self.pid])


@dataclass(frozen=True)
class Download:
    """What one download took."""

    bytes: int
    seconds: float
    first: float
    """Seconds to the first byte."""
    processor: float
    """Seconds of the server's processor time."""

    @property
    def rate(self) -> float:
        """MB/s."""
        return self.bytes / self.seconds / 1e6

    @property
    def thrift(self) -> float:
        """MB a processor second."""
        return self.bytes / self.processor / 1e6


@contextmanager
def serving(
    hub: RunningHub | None, folder: Path, *, upstream: str = "", cache_bytes: int = 0
) -> Iterator[Server]:
    """Our service and the plain routes, with a cache that begins empty."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="offing-bench-") as cache:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("OFFING_", "HF_"))},
            "HF_ENDPOINT": hub.base if hub else "http://127.0.0.1:9",
            "OFFING_LOG_REQUESTS": "false",
            "OFFING_XET_CACHE_DIR": cache,
            "OFFING_XET_CACHE_BYTES": str(cache_bytes),
            "PLAIN_UPSTREAM": upstream or "http://127.0.0.1:9",
            "PLAIN_FOLDER": str(folder),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.xet.server", str(port)], env=environ, stderr=subprocess.DEVNULL
        )
        try:
            await_port(port)
            await_ready(f"http://127.0.0.1:{port}")
            yield Server(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait(DRAIN_SECONDS)


def await_ready(base: str) -> None:
    """Return once the service is ready."""
    limit = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{base}/readyz") as answer:  # noqa: S310  our own server
                if answer.status == 200:  # noqa: PLR2004
                    return
        except URLError:
            if time.monotonic() > limit:
                raise
        time.sleep(0.02)


def target(name: str) -> str:
    """Where our service has a file of the benchmark."""
    return f"/download/{REPOSITORY}/{name}"


def download(server: Server, path: str, *, rate: str = "") -> Download:
    """Have curl take a file to nowhere, at most at a rate; RuntimeError where it does not get all of it."""
    form = "%{http_code} %{size_download} %{time_total} %{time_starttransfer}"
    command = ["curl", "-s", "-o", "/dev/null", "-w", form, *(["--limit-rate", rate] if rate else [])]
    used = server.processor()
    done = subprocess.run([*command, server.base + path], capture_output=True, text=True, check=False)
    status, size, seconds, first = done.stdout.split()
    if done.returncode or status != "200":
        raise RuntimeError(f"curl {done.returncode}, HTTP {status}")
    return Download(int(size), float(seconds), float(first), server.processor() - used)
