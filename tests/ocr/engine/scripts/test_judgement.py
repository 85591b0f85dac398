"""Choosing between two readings of a line, and between scripts."""

from __future__ import annotations

import pytest

from offing.ocr.engine.recognised import Recognised, Span
from offing.ocr.engine.scripts.fragments import fragments
from offing.ocr.engine.scripts.judgement import is_better, surety

TSV = "5\t1\t1\t1\t1\t{number}\t{left}\t0\t40\t20\t96\t{text}"


def greek(confidence: float) -> Recognised:
    return Recognised("λιμάνι", confidence)


def test_a_page_full_of_a_script_lets_a_less_sure_reading_replace_one_that_seemed_right() -> None:
    assert not is_better(greek(0.7), "", "Grek", proven=True)
    assert is_better(greek(0.7), "", "Grek", proven=True, fills_page=True)


def test_no_page_makes_an_unsure_reading_better_than_one_that_seemed_right() -> None:
    assert not is_better(greek(0.6), "", "Grek", proven=True, fills_page=True)


def test_a_reading_in_another_script_is_not_better_however_sure() -> None:
    assert not is_better(Recognised("harbour", 0.99), "weak", "Grek", proven=True, fills_page=True)


def test_surety_counts_each_letter() -> None:
    spans = (Span("γη", 1.0, 0.0, 0.2), Span("λιμάνι", 0.6, 0.3, 1.0))
    assert surety(Recognised("γη λιμάνι", 1.0, spans)) == pytest.approx((2 * 1.0 + 6 * 0.6) / 8)


def test_surety_without_words_is_the_confidence() -> None:
    assert surety(greek(0.7)) == 0.7


def test_a_micro_sign_in_a_greek_word_is_the_letter_it_looks_like() -> None:
    table = "\n".join(
        TSV.format(number=number, left=50 * number, text=text)
        for number, text in enumerate(["λι\N{MICRO SIGN}άνι", "5", "\N{MICRO SIGN}m"])
    )
    ((harbour, _, unit),) = fragments(table, 1)
    assert harbour.text == "λιμάνι"
    assert unit.text == "\N{MICRO SIGN}m"
