"""Which script a text is written in."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.script_names import RANGES, STARTS, UNKNOWN, script_of

NAMES = {
    "LATIN": "Latn", "GREEK": "Grek", "CYRILLIC": "Cyrl", "ARMENIAN": "Armn", "HEBREW": "Hebr",
    "ARABIC": "Arab", "DEVANAGARI": "Deva", "BENGALI": "Beng", "GURMUKHI": "Guru", "GUJARATI": "Gujr",
    "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda", "MALAYALAM": "Mlym", "THAI": "Thai",
    "LAO": "Laoo", "TIBETAN": "Tibt", "GEORGIAN": "Geor", "ETHIOPIC": "Ethi", "KHMER": "Khmr",
    "CJK": "Hani", "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "HANGUL": "Kore",
}  # fmt: skip
"""The first word of a letter's name in Unicode, and its script."""


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Harbour", "Latn"),
        ("ﬁn \uff57\uff49\uff44\uff45", "Latn"),
        ("Việt Nam", "Latn"),
        ("Πειραιάς", "Grek"),
        ("Одесса", "Cyrl"),
        ("上海", "Hani"),
        ("東京のまち", "Jpan"),
        ("カタカナ", "Jpan"),
        ("ｶﾀｶﾅ", "Jpan"),
        ("부산항", "Kore"),
        ("ميناء", "Arab"),
        ("नौका", "Deva"),
        ("ท่าเรือ", "Thai"),
        ("The port of Одесса", "Latn"),
        ("A Одесса 12", "Cyrl"),
        ("12:30 — 5 €", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_tie_falls_the_same_way_whatever_comes_first() -> None:
    assert script_of("abжд") == script_of("ждab")


def test_the_ranges_ascend_and_begin_at_zero() -> None:
    assert list(STARTS) == sorted(set(STARTS))
    assert STARTS[0] == 0
    assert all(first[1] != second[1] for first, second in itertools.pairwise(RANGES))


@given(st.characters(categories=["Lu", "Ll", "Lo"]))
def test_a_letter_is_of_the_script_that_its_name_says(letter: str) -> None:
    first = unicodedata.name(letter, "").split(" ")[0]
    if first in NAMES:
        assert script_of(letter) in {NAMES[first], UNKNOWN}


@given(st.text())
def test_any_text_has_a_script_of_four_letters(text: str) -> None:
    assert len(script_of(text)) == 4
