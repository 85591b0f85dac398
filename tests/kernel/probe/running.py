"""The probe service, run by the real server in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.kernel.probe.processes import children, eventually, resident
from tests.kernel.probe.wire import Answer, Wire

ROOT = Path(__file__).parents[3]
WORK = "tests.kernel.probe.work:handle"


class Probe:
    """A running probe."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self._log = process, log
        self._threads = ThreadPoolExecutor(max_workers=32)
        self._wires: list[Wire] = []
        self.port = 0

    def wait_until_it_listens(self) -> None:
        """Learn the port."""
        eventually(self.lines_of_listening)
        (line,) = self.lines_of_listening()
        match = re.search(r":(\d+)$", line["address"])
        assert match
        self.port = int(match[1])

    def lines_of_listening(self) -> list[dict[str, Any]]:
        """The log's line that names the address."""
        assert self.process.poll() is None, self.log
        return [line for line in self.lines if line["event"] == "listening"]

    def wait_until_ready(self) -> None:
        """Return once requests are served."""
        eventually(lambda: self.ask("GET", "/readyz").status == 200)

    @property
    def log(self) -> str:
        """What was written to standard error."""
        return self._log.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log's lines; one that is not JSON fails the test."""
        return [msgspec.json.decode(line) for line in self.log.splitlines(keepends=True) if line[-1] == "\n"]

    def connect(self) -> Wire:
        """A fresh connection; one that the test leaves open is closed with the probe."""
        self._wires.append(Wire(self.port))
        return self._wires[-1]

    def ask(self, method: str, path: str, *headers: str, body: bytes | None = None) -> Answer:
        """One request on a connection of its own."""
        with self.connect() as wire:
            return wire.ask(method, path, *headers, body=body)

    def begin(self, method: str, path: str, *headers: str, body: bytes | None = None) -> Future[Answer]:
        """One request, beside what the test does next."""
        return self._threads.submit(self.ask, method, path, *headers, body=body)

    def work(self, do: str, lane: str = "small", **asked: Any) -> Answer:
        """One job for a worker."""
        return self.begin_work(do, lane, **asked).result()

    def begin_work(self, do: str, lane: str = "small", **asked: Any) -> Future[Answer]:
        """One job for a worker, beside what the test does next."""
        return self.begin("POST", f"/probe/job/{lane}", body=job(do, **asked))

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value, 0 where it is not there."""
        wanted = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        line_start = f"{name}{{{wanted}}} " if labels else f"{name} "
        text = self.ask("GET", "/metrics").body.decode()
        values = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(line_start)]
        return float(values[0]) if values else 0.0

    @property
    def nursery(self) -> int:
        """The process id of the nursery."""
        (nursery,) = children(self.process.pid)
        return nursery

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return children(self.nursery)

    @property
    def memory(self) -> int:
        """The server's own resident memory, in bytes."""
        return resident(self.process.pid)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server."""
        self.process.send_signal(number)

    def exit_code(self, seconds: float = 10.0) -> int:
        """Wait for the end."""
        return self.process.wait(seconds)

    def close(self) -> None:
        """End it, however it stands."""
        for wire in self._wires:
            wire.close()
        self.process.kill()
        self.process.wait()
        self._threads.shutdown()


def job(do: str, **asked: Any) -> bytes:
    """The body that tells a worker what to do."""
    return msgspec.json.encode({"do": do, **asked})


@contextmanager
def running(log: Path, *, ready: bool = True, **settings: object) -> Iterator[Probe]:
    """Run a probe with settings, each named as its variable: ``drain_seconds``, ``probe_queue``."""
    variables = {f"OFFING_{name.upper()}": str(value) for name, value in settings.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFING_")}
    kept.pop("PORT", None)
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.kernel.probe.service"],
            cwd=ROOT,
            env={**kept, "PYTHONPATH": str(ROOT), "OFFING_PORT": "0", **variables},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    probe = Probe(process, log)
    try:
        probe.wait_until_it_listens()
        if ready:
            probe.wait_until_ready()
        yield probe
    finally:
        probe.close()
