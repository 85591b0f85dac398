"""Characters: what is left out, and which way they run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.writers.characters import clean, right_to_left, runs


@given(st.text())
def test_cleaned_text_is_one_line_that_every_format_can_carry(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert "\t" not in cleaned
    assert not any(ord(character) < 0x20 or 0xD800 <= ord(character) < 0xE000 for character in cleaned)
    assert clean(cleaned) == cleaned


def test_controls_are_left_out_and_line_ends_become_spaces() -> None:
    assert clean("a\x00b\x1bc\ud800d\ufffee") == "abcde"
    assert clean(" one\ttwo\r\nthree\u2028four\f") == "one two  three four"


def test_astral_characters_and_joiners_stay() -> None:
    assert clean("👩\u200d🔬 🀄") == "👩\u200d🔬 🀄"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shalom", False),
        ("שלום", True),
        ("مرحبا 2024", True),
        ("2024", False),
        ("", False),
        ("שלום to you", False),
    ],
)
def test_the_direction_is_that_of_most_letters(text: str, *, expected: bool) -> None:
    assert right_to_left(text) is expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("abc", [("abc", False)]),
        ("(שלום)", [("(שלום)", True)]),
        ("ב2024", [("ב", True), ("2024", False)]),
        ("3.50₪", [("3.50₪", False)]),
        ("...", [("...", False)]),
        ("", []),
    ],
)
def test_words_are_cut_where_their_direction_changes(text: str, parts: list[tuple[str, bool]]) -> None:
    assert runs(text) == parts


@given(st.text())
def test_the_runs_together_are_the_text(text: str) -> None:
    assert "".join(part for part, _ in runs(text)) == text
