"""Which Tesseract is on this machine, if any."""

from __future__ import annotations

import re
import shutil
import subprocess

SECONDS = 10.0
VERSION = re.compile(r"tesseract v?(\d+(?:\.\d+)+)")


def tesseract_version() -> str | None:
    """The command's version, ``5.3.0``; None where there is no command that answers."""
    command = shutil.which("tesseract")
    if command is None:
        return None
    try:
        answer = subprocess.run(  # noqa: S603  a program of the machine's own path
            [command, "--version"], capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = VERSION.search(answer.stdout + answer.stderr)
    return found[1] if found else None
