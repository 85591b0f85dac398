"""Reading a page opens no connection, and uses nothing that would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ocr.samples import sample

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
UNUSED = ("openvino-telemetry", "loguru", "omegaconf", "pyclipper", "shapely")
"""What our dependencies name and what nothing of ours runs."""
PROGRAM = """
import socket, sys

def refuse(*_, **__):
    raise SystemExit("a connection is opened")

socket.socket.connect = socket.socket.connect_ex = refuse
from offing.ocr.documents.document import open_document
from offing.ocr.opening import open_engine
from offing.ocr.settings import OcrSettings

engine = open_engine(OcrSettings(quality="fast", threads=1))
with open_document(open(sys.argv[1], "rb").read()) as document:
    print(engine.reader.read(document.page(1).pixels).text)
engine.reader.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a telemetry package as OpenVINO would find it, that says when it is asked."""
    (tmp_path / "openvino_telemetry.py").write_text("raise SystemExit('telemetry is used')\n")
    return tmp_path


def test_openvinos_telemetry_is_not_used_where_it_is_installed(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(sample("label").path)],
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "17 Ropewalk Lane" in done.stdout


def test_the_planted_telemetry_would_be_seen(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import openvino_telemetry"],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "telemetry is used" in done.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_installs_what_is_never_used(lock: Path) -> None:
    named = {line.partition("==")[0] for line in lock.read_text().splitlines()}
    assert named.isdisjoint(UNUSED)


def test_the_image_is_given_every_package_of_tesseract_that_the_languages_need() -> None:
    from offing.ocr.engine.debian_packages import debian_packages

    listed = (ROOT / "requirements" / "tesseract.txt").read_text().splitlines()
    assert listed == debian_packages(), "write it: make lock"
    assert {"tesseract-ocr", "tesseract-ocr-osd", "tesseract-ocr-rus"} <= set(listed)
