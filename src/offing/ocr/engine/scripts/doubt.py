"""Telling from a reading alone that PP-OCR may not know the script: no image, no process, microseconds.

Its recognition reads unknown letters in three ways. Most become nothing, so a long box holds little text;
some become what looks alike, with little confidence; and capitals that other scripts share with Latin
are read with full confidence, as words made of those letters alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from offing.ocr.engine.crops import Corners, is_tall, size
from offing.ocr.engine.recognised import Recognised

Doubt = Literal["", "blank", "Greek", "Cyrillic", "weak"]

FEWEST_EMS = 2.5
"""Shorter boxes, in their own heights, tell nothing by how little they hold."""
SPARSE = 0.55
"""Characters a box height: Latin text has 1.6 to 3, Chinese 0.9 to 1.2, a ruled or dotted row less."""
DOUBTLESS = 0.96
"""Confidence under which any line of a page is looked at, once an unknown script was found on it."""
THIN, DOUBTLESS_THERE = 1.2, 0.98
"""Where most of a page is of an unknown script, less of either makes the rest of its lines doubtful."""
WEAK = 0.87
"""Confidence that readings of unknown scripts seldom pass, and those of known ones seldom fail."""
SHARE_OF_WEAK = 0.3
"""Share of the page's text, by length, that weak readings must make to count: noise does not reach it."""
FEWEST_LETTERS = 10
"""A run of lookalikes this long is no accident: one English text in ten thousand has it."""
FEWEST_GREEK, SHARE_OF_GREEK = 3, 0.25
HOPELESS = 0.7
"""Legibility under which PP-OCR does not know the script; in noise its readings are surer."""
LOOKALIKES = {
    "Cyrl": frozenset("ABCEHKMOPTXYaceopxy"),
    "Grek": frozenset("ABEHIKMNOPTXYZo"),
}
"""Latin letters that letters of other scripts look like."""


def ems(corners: Corners) -> float:
    """How long a box is, in its own heights."""
    width, height = size(corners)
    return width / max(1.0, height)


def doubt(corners: Corners, read: Recognised) -> Doubt:
    """Why a reading is doubtful, if it is. Boxes of standing text are not judged."""
    if is_tall(corners):
        return ""
    length = ems(corners)
    written = len(read.text) - read.text.count(" ")
    if length >= FEWEST_EMS and written < SPARSE * length:
        return "blank"
    return _lookalike(read.text) or ("weak" if read.confidence < WEAK else "")


def legibility(quads: Sequence[Corners], read: Sequence[Recognised]) -> float:
    """How much of a page is read, 0 to 1: confidence by length, nothing where there is hardly a letter."""
    lengths = [ems(corners) for corners in quads]
    seen = sum(
        length * each.confidence
        for length, corners, each in zip(lengths, quads, read, strict=True)
        if doubt(corners, each) != "blank"
    )
    return seen / sum(lengths) if lengths else 1.0


def is_worth_asking(lengths: Sequence[float], doubts: Sequence[Doubt]) -> bool:
    """Whether the doubts of a page, its lines so many ems long, are more than noise."""
    if any(each and each != "weak" for each in doubts):
        return True
    weak = sum(length for length, each in zip(lengths, doubts, strict=True) if each)
    return weak > SHARE_OF_WEAK * sum(lengths)


def may_hide(corners: Corners, read: Recognised, script: str, *, fills_page: bool) -> bool:
    """Whether a reading that seems right may still be a line of a script found elsewhere on its page."""
    if is_tall(corners):
        return False
    if not fills_page:
        return read.confidence < DOUBTLESS
    length = ems(corners)
    written = len(read.text) - read.text.count(" ")
    is_thin = length >= FEWEST_EMS and written < THIN * length
    return is_thin or read.confidence < DOUBTLESS_THERE or _is_made_of(read.text, script)


def _lookalike(text: str) -> Doubt:
    letters = [each for each in text if each.isalpha()]
    greek = sum("Ͱ" <= each <= "Ͽ" for each in letters)
    if greek >= FEWEST_GREEK and greek >= SHARE_OF_GREEK * len(letters):
        return "Greek"
    return "Cyrillic" if len(letters) >= FEWEST_LETTERS and _is_made_of(text, "Cyrl") else ""


def _is_made_of(text: str, script: str) -> bool:
    """Whether every letter of a text looks like one of this script's."""
    letters = [each for each in text if each.isalpha()]
    alike = LOOKALIKES.get(script, frozenset[str]())
    return len(letters) > 1 and all(each in alike for each in letters)
