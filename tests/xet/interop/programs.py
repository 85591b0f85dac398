"""Runs the real clients: each in a program of its own, with a home of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

SECONDS = 120


def environment(endpoint: str, home: Path, **variables: str) -> dict[str, str]:
    """What a client finds in its environment: the endpoint, an empty home, and no token but a given one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "OFFING_"))}
    home.mkdir(parents=True, exist_ok=True)
    return {
        **kept,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_XET_CACHE": str(home / "xet"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        **variables,
    }


def begin(program: str, variables: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start a Python program."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        env=variables,
        cwd=variables["HF_HOME"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> list[str]:
    """The lines that it prints; fails where it fails."""
    with process:
        printed, complained = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, complained[-3000:]
    return printed.splitlines()


def run(program: str, variables: dict[str, str], *arguments: str) -> list[str]:
    """Both."""
    return finish(begin(program, variables, *arguments))


def hf(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """``hf …``, the command line of the hub's clients."""
    program = [sys.executable, "-W", "ignore", "-m", "huggingface_hub.cli.hf"]
    return subprocess.run(
        [*program, *arguments],
        env=variables,
        cwd=variables["HF_HOME"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def digests(folder: Path) -> dict[str, str]:
    """The sha256 of every file below a folder, but for what clients put there for themselves."""
    return {
        str(place.relative_to(folder)): hashlib.sha256(place.read_bytes()).hexdigest()
        for place in folder.rglob("*")
        if place.is_file() and place.name != ".gitattributes" and ".cache" not in place.parts
    }
