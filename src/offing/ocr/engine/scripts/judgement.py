"""Choosing between two readings of a line."""

from __future__ import annotations

from collections.abc import Sequence

from offing.ocr.engine.recognised import Recognised, Span
from offing.ocr.engine.script_names import UNKNOWN, script_of
from offing.ocr.engine.scripts.doubt import Doubt
from offing.ocr.engine.scripts.fragments import Fragment
from offing.ocr.engine.scripts.line_images import MARGIN

ENGINE = "tesseract"
SURE_ENOUGH: dict[Doubt, float] = {"blank": 0.55, "Greek": 0.7, "Cyrillic": 0.7, "weak": 0.65, "": 0.8}
"""Confidence from which Tesseract's reading is taken, by how doubtful PP-OCR's is."""
PROVEN = 0.4
"""The same for doubtful lines of a page on which longer ones proved to be of the script."""
SHARE_OF_SCRIPT = 0.3
"""Share of the letters that must be of the expected script: names and units stay Latin everywhere."""
SURE = 0.9
"""Confidence at which PP-OCR's digits and Latin words stay."""
LETTERS = {"Latf": "Latn", "Hans": "Hani", "Hant": "Hani"}
"""Scripts whose letters count as another's."""


def recognised(words: Sequence[Fragment], length: int, *, vertical: bool = False) -> Recognised:
    """Tesseract's words of a line whose image is so many pixels long, margins included.

    Shares of the line count from its left, or its top where it stands, in every script. Confidence is the
    median over its letters: a word has that of its worst letter, which makes a mean too low.
    """
    inner = max(1, length - 2 * MARGIN)

    def share(at: int) -> float:
        return min(1.0, max(0.0, (at - MARGIN) / inner))

    spans = tuple(
        Span(
            word.text,
            round(word.confidence, 4),
            share(word.top if vertical else word.left),
            share(word.bottom if vertical else word.right),
        )
        for word in words
    )
    confidences = sorted(word.confidence for word in words for _ in word.text)
    confidence = confidences[len(confidences) // 2] if confidences else 0.0
    return Recognised(" ".join(word.text for word in words), round(confidence, 4), spans, ENGINE)


def is_better(
    new: Recognised, doubt: Doubt, script: str, *, proven: bool = False, fills_page: bool = False
) -> bool:
    """Whether a reading in ``script`` beats PP-OCR's, which is doubtful in this way.

    ``proven``: other lines of the page are in that script. ``fills_page``: most of them are, so that even a
    line that seemed right may be.
    """
    least = PROVEN if proven and doubt else SURE_ENOUGH[doubt or ("weak" if fills_page else "")]
    return new.confidence >= least and share_of(script, new.text) >= SHARE_OF_SCRIPT


def is_better_as_asked(new: Recognised, old: Recognised, script: str) -> bool:
    """Whether a reading in the language that was asked for beats PP-OCR's."""
    if not new.text:
        return False
    return old.confidence < SURE or not old.text.strip() or share_of(script, new.text) > 0


def surety(read: Recognised) -> float:
    """Mean confidence of a reading's letters, 0 to 1: what tells right scripts from wrong ones best."""
    letters = sum(len(span.text) for span in read.spans)
    if not letters:
        return read.confidence
    return sum(span.confidence * len(span.text) for span in read.spans) / letters


def share_of(script: str, text: str) -> float:
    """Share of a text's letters that are of a script, 0 to 1."""
    scripts = [found for each in text if (found := script_of(each)) != UNKNOWN]
    return scripts.count(LETTERS.get(script, script)) / max(1, len(scripts))
