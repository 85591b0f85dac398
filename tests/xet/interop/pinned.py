"""Other versions of hf_xet, each in a folder of its own beside what the tests run with.

They are installed once, by pip and by hash, and kept with the virtual environment. ``python -m
tests.xet.interop.pinned`` installs them and fails where that cannot be, so that a run that must not leave
them out begins with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

PINS = Path(__file__).with_name("pins")
VERSIONS = tuple(sorted(each.stem for each in PINS.glob("*.txt")))
FOLDER = Path(sys.prefix) / "interop" / "hf-xet"
SECONDS = 120


class NotInstalled(Exception):  # noqa: N818  a reason to leave tests out
    """A version is not here, and the package index could not be asked for it."""


def pinned(version: str) -> Path:
    """The folder to put on PYTHONPATH. Raises NotInstalled."""
    place = FOLDER / version
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f".{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.is_dir():
            _install(version, place)
    return place


def _install(version: str, place: Path) -> None:
    partial = place.with_name(f".{version}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pin = ["--require-hashes", "--only-binary", ":all:", "-r", str(PINS / f"{version}.txt")]
    environment = {**os.environ, "PIP_RETRIES": "1", "PIP_TIMEOUT": "10"}
    done = subprocess.run(
        [*command, "--target", str(partial), *pin],
        env=environment,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise NotInstalled(f"hf_xet {version} could not be installed by pip")
    partial.rename(place)


if __name__ == "__main__":
    for each in VERSIONS:
        pinned(each)
