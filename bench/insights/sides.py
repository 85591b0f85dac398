"""The two sides: how each is started on loopback, known to answer, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.insights import process_tree
from bench.insights.wire import Connection, Unanswered, Upload

START_LIMIT = 60.0
STOP_LIMIT = 10.0
POLL = 0.005
ROOT = Path(__file__).resolve().parents[2]


class DidNotStartError(RuntimeError):
    """A server ended or stayed silent instead of answering; the text is what it printed last."""


@dataclass(frozen=True)
class Side:
    """One of the two programs: the command that serves it, with ``{port}`` left open."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A running side."""

    side: Side
    port: int
    process: subprocess.Popen[bytes]
    spawned: float
    """When it was spawned, on the clock of :func:`time.perf_counter`."""

    def stop(self) -> None:
        """Ask it to end, then end it and whatever it leaves behind."""
        seen = process_tree.born(process_tree.tree(self.process.pid))
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        still = process_tree.born(list(seen))
        process_tree.end([pid for pid, when in still.items() if when == seen[pid]])

    def kill(self) -> None:
        """End it at once with all of its processes."""
        process_tree.end(process_tree.tree(self.process.pid))
        self.process.wait()


def offing(python: str) -> Side:
    """Our side: the service alone, as its container runs it, with its per-request log off."""
    arguments = (
        "-m",
        "offing",
        "serve",
        "--standalone",
        "insights",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
    )
    return Side("offing", (python, *arguments), ROOT, {"OFFING_LOG_REQUESTS": "false"})


def reference(python: str, checkout: Path) -> Side:
    """The reference with one worker and its per-request log off: its fastest way to answer one client."""
    arguments = (
        "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", "{port}", "--log-level", "warning",
    )  # fmt: skip
    environ = {"ENABLE_DETAILED_LOGGING": "false"}
    return Side("reference", (python, *arguments), checkout, environ)


def as_shipped(side: Side) -> Side:
    """The reference as its own container runs it: two worker processes."""
    return replace(side, name="reference, two workers", command=(*side.command, "--workers", "2"))


def free_port() -> int:
    """A port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(side: Side, log: Path) -> Server:
    """Start a side and return at once; what it prints goes to ``log``."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OFFING_", "PYTHON"))}
    with log.open("wb") as output:
        spawned = time.perf_counter()
        process = subprocess.Popen(
            [part.format(port=port) for part in side.command],
            cwd=side.folder,
            env=kept | dict(side.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(side, port, process, spawned)


def first_answer(server: Server, upload: Upload) -> float:
    """Seconds from the spawn to the first 200 of an analysis, asked for every 5 ms."""
    while time.perf_counter() - server.spawned < START_LIMIT and server.process.poll() is None:
        with Connection(server.port) as connection:
            try:
                if connection.post(upload).status == 200:  # noqa: PLR2004
                    return time.perf_counter() - server.spawned
            except Unanswered:
                pass
        time.sleep(POLL)
    raise DidNotStartError(server.side.name)


@contextmanager
def serving(side: Side, upload: Upload) -> Iterator[Server]:
    """A side that has answered once. Raises :class:`DidNotStartError` with the end of its output."""
    with tempfile.TemporaryDirectory(prefix="offing-bench-") as folder:
        log = Path(folder, "log")
        server = spawn(side, log)
        try:
            first_answer(server, upload)
            yield server
        except DidNotStartError as error:
            raise DidNotStartError(f"{side.name}:\n{log.read_text(errors='replace')[-2000:]}") from error
        finally:
            server.stop()
