"""The real program in a process of its own, with none of this process's settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "offing"]
SECONDS = 30
READ_BY_SETTINGS = {"PORT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}


def environment(**variables: str) -> dict[str, str]:
    """This process's environment without what settings read, and with ``variables``."""
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
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        cwd=cwd,
        env=environment(**variables),
    )
