"""What Tesseract's script detection writes."""

from __future__ import annotations

import msgspec

SCRIPTS = {
    "Arabic": "Arab", "Bengali": "Beng", "Cyrillic": "Cyrl", "Devanagari": "Deva", "Fraktur": "Latf",
    "Greek": "Grek", "Han": "Hani", "Hangul": "Kore", "Hebrew": "Hebr", "Hiragana": "Jpan",
    "Japanese": "Jpan", "Kannada": "Knda", "Katakana": "Jpan", "Korean": "Kore", "Latin": "Latn",
    "Malayalam": "Mlym", "Tamil": "Taml", "Telugu": "Telu", "Thai": "Thai",
}  # fmt: skip
"""The names that its data (osd) holds, as ISO 15924."""
PAGE, SCRIPT, TURN = "Page number", "Script", "Rotate"


class Guess(msgspec.Struct, frozen=True):
    """The script that an image seems to be written in."""

    script: str = ""
    """ISO 15924; empty where too little was seen."""
    upright: bool = True
    """Whether the text seems to stand upright; where not, the script is chance."""


def guesses(written: str, pages: int) -> list[Guess]:
    """A guess for each page, from lines of ``name: value``; pages it skipped have none."""
    found = [Guess()] * pages
    page, upright = -1, True
    for line in written.splitlines():
        name, _, value = line.partition(": ")
        if name == PAGE:
            page = int(value)
        elif name == TURN:
            upright = value == "0"
        elif name == SCRIPT and 0 <= page < pages:
            found[page] = Guess(SCRIPTS.get(value, ""), upright)
    return found
