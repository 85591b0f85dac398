"""The hub as a program of its own, to be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.xet.hub_fixture import TOKENS

PROGRAM = "from offing.cli.xet.hub import command; command()"


@contextmanager
def hub_program(folder: Path, *options: str, port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its base URL, and its process, which is killed at the end if it still runs."""
    folder.mkdir(exist_ok=True)
    (folder / "tokens.toml").write_text(TOKENS)
    arguments = [sys.executable, "-c", PROGRAM, str(folder), "--port", str(port), *options]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("no output")
        first = process.stdout.readline()
        yield first.rpartition(" on ")[2].strip(), process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
