"""``offing ocr`` with the smallest models: what is read well is another test's business."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.cli.program import run
from tests.ocr.samples import FOLDER, sample

SMALL = {"OFFING_OCR_QUALITY": "fast", "OFFING_OCR_THREADS": "1", "OFFING_OCR_DECODERS": "1"}


def ocr(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end."""
    return run("ocr", *arguments, stdin=stdin, cwd=cwd, **{**SMALL, **variables})


def copied(name: str, target: Path) -> Path:
    """A sample under another name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(FOLDER / name, target))


def words_of(name: str, page: int | None = None) -> list[str]:
    """The words of a sample, or of one of its pages, from 1."""
    of = sample(name)
    before = sum(of.pages[: page - 1]) if page else 0
    lines = of.lines[before : before + of.pages[page - 1]] if page else of.lines
    return " ".join(lines).split()


def share_read(expected: list[str], text: str) -> float:
    """The share of the expected words that are in a text."""
    found = set(text.split())
    return sum(word in found for word in expected) / len(expected)
