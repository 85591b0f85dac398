"""What the letters of a text say about how it is written: its direction, and whether it has spaces."""

from __future__ import annotations

import unicodedata

from offing.ocr.engine.page import Line

_RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Mand", "Samr", "Adlm", "Rohg"})

_WRITTEN_DOWN = frozenset({"Hani", "Hans", "Hant", "Hira", "Kana", "Jpan", "Hrkt", "Hang", "Kore", "Bopo"})
"""Scripts whose lines may run from top to bottom with the columns from right to left."""

# Blocks of Unicode whose words follow one another without spaces: Thai, Lao, Myanmar, Khmer, the CJK
# punctuation, kana and ideographs (not Hangul), and their full-width forms.
_NO_SPACES = (
    (0x0E01, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x312F),
    (0x31A0, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF01, 0xFF9F),
    (0x20000, 0x3FFFF),
)


def runs_right_to_left(line: Line) -> bool:
    """Whether most of a line's letters are of a script that is read from right to left."""
    return lean(line) < 0


def lean(line: Line) -> int:
    """Letters read from left to right less those read from right to left."""
    classes = [unicodedata.bidirectional(character) for character in line.text]
    difference = classes.count("L") - classes.count("R") - classes.count("AL")
    if not difference and line.script in _RIGHT_TO_LEFT:
        return -1
    return difference


def runs_down(line: Line) -> bool:
    """Whether a line is one of text written from top to bottom, not one that only looks tall."""
    return line.vertical and line.script in _WRITTEN_DOWN


def weight(text: str) -> int:
    """How much a text says, in letters: a wide one (CJK) counts as two, figures and signs as none."""
    return sum(
        1 + (unicodedata.east_asian_width(character) in "WF") for character in text if character.isalpha()
    )


def needs_space(before: str, after: str) -> bool:
    """Whether two neighbouring pieces of a line are joined by a space."""
    return not (_writes_no_spaces(before[-1:]) and _writes_no_spaces(after[:1]))


def _writes_no_spaces(character: str) -> bool:
    return bool(character) and any(first <= ord(character) <= last for first, last in _NO_SPACES)
