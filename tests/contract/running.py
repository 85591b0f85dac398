"""Starts the real server in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import IO

LISTENING = "offing: listening on "
START_SECONDS, STOP_SECONDS = 60, 15


@contextmanager
def running_server(service: str = "insights", **variables: str) -> Iterator[str]:
    """The URL of a server of one service while it runs. It must end by itself, with code 0, on SIGTERM.

    ``variables`` are settings for it; what this environment has of ours it does not see.
    """
    with _running(["--standalone", service], variables) as url:
        yield url


@contextmanager
def running_gateway(*services: str, **variables: str) -> Iterator[str]:
    """The URL of a gateway to some services while it runs; the rest is as for one service."""
    with _running(services, variables) as url:
        yield url


@contextmanager
def _running(arguments: Sequence[str], variables: Mapping[str, str]) -> Iterator[str]:
    command = [sys.executable, "-m", "offing", "serve", *arguments, "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OFFING_")}
    environment.pop("PORT", None)
    environment |= variables
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        said: deque[str] = deque(maxlen=100)
        url: SimpleQueue[str] = SimpleQueue()
        assert process.stdout is not None
        threading.Thread(target=_listen, args=(process.stdout, said, url), daemon=True).start()
        try:
            yield _first(url, said)
        finally:
            process.terminate()
            try:
                code = process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        assert code == 0, "".join(said)


def _listen(lines: IO[str], said: deque[str], url: SimpleQueue[str]) -> None:
    for line in lines:
        said.append(line)
        if line.startswith(LISTENING):
            url.put(line.removeprefix(LISTENING).strip())


def _first(url: SimpleQueue[str], said: deque[str]) -> str:
    try:
        return url.get(timeout=START_SECONDS)
    except Empty:
        raise AssertionError("The server did not start:\n" + "".join(said)) from None
