"""How to get Tesseract, and the data with which it reads a language."""

from __future__ import annotations

import sys
from collections.abc import Sequence

MOST_NAMED = 12
"""Packages beyond this are listed by a program, which is one line to copy and not twenty."""
EVERYTHING = "python -m offing.ocr.engine.debian_packages | xargs sudo apt-get install -y"


def how_to_install(packages: Sequence[str], platform: str | None = None) -> str:
    """The command that installs Debian packages, or what brings the same where there are none."""
    if (platform or sys.platform) == "darwin":
        return "brew install tesseract tesseract-lang"
    if len(packages) > MOST_NAMED:
        return EVERYTHING
    return f"sudo apt-get install {' '.join(packages)}"
