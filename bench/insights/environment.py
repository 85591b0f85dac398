"""The reference's own virtual environment, and what each side's environment holds."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

REPOSITORY, VERSION, COMMIT = "hossain-khan/image-insights-api", "1.7.1", "34d46c8"
REQUIREMENTS = (
    "fastapi==0.135.0",  # newer releases no longer import the reference
    "httpx==0.28.1",
    "numpy==1.26.4",
    "pillow==10.4.0",
    "python-multipart==0.0.34",
    "starlette==0.52.0",
    "uvicorn[standard]==0.54.0",
)
NEWEST_PYTHON = (3, 12)
"""The newest Python for which numpy 1.26 has wheels."""
COMPARED = ("numpy", "pillow", "starlette", "fastapi", "uvicorn")
CACHE = Path(__file__).resolve().parents[2] / "build" / "bench" / "reference"
VERSIONS = """
import json, platform
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in %r:
    try: found[name] = version(name)
    except PackageNotFoundError: pass
print(json.dumps(found))
"""


class NotTheReferenceError(ValueError):
    """The given folder does not hold the program that this benchmark compares with."""


def check(checkout: Path) -> None:
    """Raises :class:`NotTheReferenceError` unless the folder is a checkout of the release compared with."""
    version = checkout / "app" / "__version__.py"
    if not version.is_file():
        raise NotTheReferenceError(f"no checkout of {REPOSITORY} at {checkout}")
    if VERSION not in version.read_text():
        raise NotTheReferenceError(f"{checkout} is not v{VERSION} (commit {COMMIT}) of {REPOSITORY}")


def reference_python(given: str | None) -> str:
    """An interpreter with what the reference needs: the given one, or one made once and kept."""
    if given:
        return given
    python = CACHE / "bin" / "python"
    ready = CACHE / "ready"
    if not ready.exists():
        if sys.version_info[:2] > NEWEST_PYTHON:
            raise SystemExit(
                "The reference needs Python 3.11 or 3.12: make it an environment with\n  pip install "
                + " ".join(REQUIREMENTS)
                + "\nand name its interpreter by --reference-python."
            )
        print("making the reference's environment (once)", file=sys.stderr)
        venv.create(CACHE, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        ready.touch()
    return str(python)


def versions(python: str) -> dict[str, str]:
    """The versions of Python and of the packages that decide speed, in an interpreter's environment."""
    printed = subprocess.run([python, "-c", VERSIONS % (COMPARED,)], check=True, capture_output=True).stdout
    found: dict[str, str] = json.loads(printed)
    return found


def keep_to(cores: int) -> int:
    """Keep this process, and so all it starts, to that many cores; returns how many it has."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    return len(os.sched_getaffinity(0))


def machine() -> str:
    """The processor, memory and kernel in a few words."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {gibibytes:.0f} GiB, Linux {platform.release().partition('-')[0]}"
