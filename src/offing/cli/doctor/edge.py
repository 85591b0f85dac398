"""What the edge needs beyond serving: npm for the Worker, a Docker engine for the containers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from offing.cli.doctor.check import Check, State
from offing.kernel.settings import environment

ANSWER_SECONDS = 5


def node() -> Iterator[Check]:
    """Node.js with npm, of any version: the Worker brings the Node.js that its tools need."""
    found = _ask("node", "--version")
    if not found or shutil.which("npm") is None:
        remedy = "Install Node.js with npm: `make edge` needs them."
        yield Check("Node.js", State.NOTE, "not found", remedy)
    else:
        yield Check("Node.js", State.OK, found.removeprefix("v"))


def docker() -> Iterator[Check]:
    """A Docker engine that answers; WRANGLER_DOCKER_BIN names another program for it."""
    program = environment().get("WRANGLER_DOCKER_BIN") or "docker"
    if shutil.which(program) is None:
        yield Check(
            "Docker", State.NOTE, "not found", "Install Docker: `make edge` and `make image` need it."
        )
    elif found := _ask(program, "version", "--format", "{{.Server.Version}}"):
        yield Check("Docker", State.OK, found)
    else:
        remedy = "Start it: `make edge` and `make image` need it."
        yield Check("Docker", State.NOTE, "its engine does not answer", remedy)


def _ask(program: str, *arguments: str) -> str:
    """What a program prints; "" where there is none, or it fails or hangs."""
    if (found := shutil.which(program)) is None:
        return ""
    try:
        answer = subprocess.run(  # noqa: S603  a program of the user's own path
            [found, *arguments], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
