"""The hub that all sides download from: our own, in a process of its own, filled by the real client."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.xet.content import REPOSITORY

TOKEN = "hf_bench"  # noqa: S105  of a hub that lives as long as the benchmark
TOKENS = f'[users.bench]\ntoken = "{TOKEN}"\nowners = ["*"]\n'
START_SECONDS = 20
UPLOAD = """
import sys
from huggingface_hub import HfApi
api = HfApi(endpoint=sys.argv[1], token=sys.argv[2])
api.create_repo(sys.argv[3], exist_ok=True)
for file in sys.argv[4:]:
    api.upload_file(path_or_fileobj=file, path_in_repo=file.rpartition("/")[2], repo_id=sys.argv[3])
"""


@dataclass(frozen=True)
class RunningHub:
    """A hub at work."""

    base: str
    pid: int

    def set_faults(self, **faults: object) -> None:
        """Have other troubles from now on: latency_ms, megabytes_per_second."""
        self._ask("PUT", "faults", json.dumps(faults).encode())

    def forget(self) -> None:
        """Begin the request log anew."""
        self._ask("DELETE", "requests")

    def log(self) -> dict[str, dict[str, int]]:
        """What was asked since: requests and bytes by kind."""
        told: dict[str, dict[str, int]] = json.loads(self._ask("GET", "requests"))
        return told

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.base}/-/{path}", data=body, method=method)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310  our own hub
            content: bytes = answer.read()
            return content


def free_port() -> int:
    """A port on loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def hub(folder: Path, certificate: Path | None = None, key: Path | None = None) -> Iterator[RunningHub]:
    """Serve a folder until the block ends."""
    folder.mkdir(exist_ok=True)
    (folder / "tokens.toml").write_text(TOKENS)
    port = free_port()
    secure = ["--certificate", str(certificate), "--key", str(key)] if certificate else []
    command = [
        sys.executable, "-m", "offing", "xet", "hub", str(folder),
        "--port", str(port), "--faults", "{}", *secure,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        await_port(port)
        yield RunningHub(f"{'https' if certificate else 'http'}://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(20)


def await_port(port: int) -> None:
    """Return once somebody listens."""
    limit = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > limit:
            raise TimeoutError("the server did not start")
        time.sleep(0.02)


def upload(base: str, files: list[Path], home: Path) -> None:
    """Have huggingface_hub and hf_xet upload files."""
    command = [sys.executable, "-c", UPLOAD, base, TOKEN, REPOSITORY, *map(str, files)]
    environ = {
        **os.environ,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    subprocess.run(command, env=environ, check=True)
