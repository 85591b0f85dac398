"""CTC decoding against the rule written out step by step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from offing.ocr.engine.ctc import Alphabet, decode

LETTERS = [*list("abcde\u3000é字"), "🇩🇪"]
CLASSES = len(LETTERS) + 2


@st.composite
def score_tables(draw: st.DrawFn) -> NDArray[np.float32]:
    """(steps, classes): some rows of noise, most with a winner, often the one of the row before."""
    steps = draw(st.integers(1, 30))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    table = chance.normal(0, 1, (steps, CLASSES)).astype(np.float32)
    winners = draw(st.lists(st.integers(0, CLASSES - 1), min_size=steps, max_size=steps))
    repeats = draw(st.lists(st.booleans(), min_size=steps, max_size=steps))
    for step, (winner, repeat) in enumerate(zip(winners, repeats, strict=True)):
        table[step, winners[step - 1] if repeat and step else winner] += draw(
            st.sampled_from([0.0, 4.0, 9.0])
        )
    return table


def written_out(table: NDArray[np.float32]) -> tuple[str, float]:
    """The text and its confidence by the definition, in slow plain Python."""
    classes = ["", *LETTERS, " "]
    text, chances, before = "", [], 0
    for row in table.tolist():
        best = row.index(max(row))
        if best not in {0, before}:
            text += classes[best]
            chances.append(math.exp(row[best]) / math.fsum(map(math.exp, row)))
        before = best
    return text.strip(), sum(chances) / len(chances) if chances else 0.0


def softmax(table: NDArray[np.float32]) -> NDArray[np.float32]:
    shares = np.exp(table - table.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


@given(score_tables())
def test_text_and_confidence_are_those_of_the_rule_written_out(table: NDArray[np.float32]) -> None:
    text, confidence = written_out(table)
    for raw, scores in ((True, table), (False, softmax(table))):
        found = decode(scores, Alphabet(LETTERS, CLASSES), raw=raw, used=1.0)
        assert found.text == text
        assert found.confidence == pytest.approx(confidence, abs=1e-5)


@given(score_tables(), st.floats(0.05, 1.0))
def test_the_words_are_those_of_the_text_from_left_to_right(table: NDArray[np.float32], used: float) -> None:
    found = decode(table, Alphabet(LETTERS, CLASSES), raw=True, used=used)
    assert [span.text for span in found.spans] == found.text.split()
    edges = [edge for span in found.spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 1 for edge in edges)
    assert all(0 < span.confidence <= 1 for span in found.spans)


def table_of(*classes: int) -> NDArray[np.float32]:
    return np.eye(CLASSES, dtype=np.float32)[list(classes)] * 20


def test_a_letter_is_doubled_only_with_a_blank_between() -> None:
    alphabet = Alphabet(LETTERS, CLASSES)
    assert decode(table_of(1, 1, 0, 2), alphabet, raw=True, used=1).text == "ab"
    assert decode(table_of(1, 0, 1, 2), alphabet, raw=True, used=1).text == "aab"


def test_a_line_of_blanks_is_an_empty_text() -> None:
    found = decode(table_of(0, 0, 0), Alphabet(LETTERS, CLASSES), raw=True, used=1)
    assert (found.text, found.confidence, found.spans) == ("", 0.0, ())


def test_the_edge_of_a_word_lies_half_way_to_the_space_and_padding_does_not_count() -> None:
    space = CLASSES - 1
    # Eight steps, the last four of them padding: a letter, its space, a letter, a blank.
    found = decode(table_of(1, space, 2, 0, 0, 0, 0, 0), Alphabet(LETTERS, CLASSES), raw=True, used=0.5)
    first, second = found.spans
    assert (first.start, first.end) == (0.0, 0.25)
    assert (second.start, second.end) == (0.5, 1.0)


def test_a_wide_space_parts_words_as_a_narrow_one_does() -> None:
    wide = LETTERS.index("\u3000") + 1
    found = decode(table_of(wide, 1, wide, 2, wide), Alphabet(LETTERS, CLASSES), raw=True, used=1)
    assert found.text == "a\u3000b"
    assert [span.text for span in found.spans] == ["a", "b"]


@pytest.mark.parametrize("classes", [len(LETTERS) + 1, len(LETTERS) + 2])
def test_the_class_beyond_the_list_is_a_space(classes: int) -> None:
    alphabet = Alphabet(LETTERS, classes)
    assert alphabet.characters == (["", *LETTERS, " "])[:classes]
