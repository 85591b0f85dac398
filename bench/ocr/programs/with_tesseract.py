"""Read images with the Tesseract of the system, a process for each image as its users start it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from reading import Read, run  # type: ignore[import-not-found]

THREADS = "2"


def read(file: str, language: str) -> Sequence[str]:
    """Read the lines in reading order; the language is given, as Tesseract does not find it."""
    command = ["tesseract", file, "-", "-l", language]
    environ = os.environ | {"OMP_THREAD_LIMIT": THREADS}
    done = subprocess.run(command, env=environ, capture_output=True, check=False, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-200:])
    return [line for line in done.stdout.splitlines() if line.strip()]


def reader() -> Read:
    """Nothing to build: the models are read anew for each image."""
    return read


run(reader)
