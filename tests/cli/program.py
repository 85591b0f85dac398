"""The real program in a process of its own, with none of this process's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = [sys.executable, "-m", "offing"]
SECONDS = 30
READ_BY_SETTINGS = {"PORT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}


def environment(**variables: str) -> dict[str, str]:
    """The environment of this process without what settings read, and with ``variables``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OFFING_", "_OFFING"))
        and not name.lower().endswith("_proxy")
        and name not in READ_BY_SETTINGS
    }
    return {**kept, **variables}


def run(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run ``offing`` with arguments and environment variables to its end."""
    return run_in(environment(**variables), *arguments, stdin=stdin, cwd=cwd)


def run_in(
    environ: Mapping[str, str], *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run ``offing`` in this environment and no other."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        cwd=cwd,
        env=environ,
    )
