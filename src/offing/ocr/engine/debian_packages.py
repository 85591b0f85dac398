"""The Debian packages with all that Tesseract needs to read what PP-OCR does not: a name a line."""

from __future__ import annotations

import sys

from offing.ocr.engine.languages import LANGUAGES

PROGRAM, SCRIPT_DETECTION = "tesseract-ocr", "tesseract-ocr-osd"


def debian_packages() -> list[str]:
    """Their names in alphabetical order."""
    data = {each.package for each in LANGUAGES if each.engine == "tesseract" and each.package}
    return sorted({PROGRAM, SCRIPT_DETECTION, *data})


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in debian_packages()))
