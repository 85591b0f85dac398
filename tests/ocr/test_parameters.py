"""How options are read: trimmed, in any case, and refused with what they take."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.answer_format import NAMES as FORMATS
from offing.ocr.parameters import NAMES, FormatName, read_asked
from offing.ocr.problems import LONGEST_ECHO, InvalidOption
from offing.ocr.settings import OcrSettings

USUAL = OcrSettings()


def refusal(name: str, text: str) -> InvalidOption:
    with pytest.raises(InvalidOption) as refused:
        read_asked({name: text}, USUAL)
    assert refused.value.members["option"] == name
    return refused.value


def test_every_option_is_read() -> None:
    asked = read_asked(
        {
            "lang": "russian",
            "quality": " Fast ",
            "format": "MD",
            "min_confidence": "0.25",
            "orientation": "90",
            "det_limit_side_len": "1280",
            "pages": "2-",
            "return_words": "Yes",
        },
        USUAL,
    )
    assert (asked.options.language, asked.options.quality) == ("russian", "fast")
    assert (asked.options.min_confidence, asked.options.side_limit) == (0.25, 1280)
    assert (asked.options.orientation, asked.format) == ("90", "markdown")
    assert asked.pages.of(3) == [2, 3]
    assert asked.return_words


def test_the_seeds_name_for_the_least_confidence_is_the_weaker_one() -> None:
    assert read_asked({"drop_score": "0.1"}, USUAL).options.min_confidence == 0.1
    both = {"drop_score": "0.1", "min_confidence": "0.9"}
    assert read_asked(both, USUAL).options.min_confidence == 0.9


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_option_is_not_given(name: str, text: str) -> None:
    assert read_asked({name: text}, USUAL) == read_asked({}, USUAL)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("quality", "best", {"valid_values": ["accurate", "balanced", "fast"]}),
        ("orientation", "45", {"valid_values": ["auto", "0", "90", "180", "270"]}),
        ("format", "docx", {"valid_values": FORMATS}),
        ("min_confidence", "nan", {"from": 0, "to": 1}),
        ("min_confidence", "1.01", {"from": 0, "to": 1}),
        ("drop_score", "-0.1", {"from": 0, "to": 1}),
        ("det_limit_side_len", "319", {"from": 320, "to": 4000}),
        ("det_limit_side_len", "4001", {"from": 320, "to": 4000}),
        ("det_limit_side_len", "9" * 5000, {"from": 320, "to": 4000}),
        ("det_limit_side_len", "1e3", {"from": 320, "to": 4000}),
        ("pages", "x", {"examples": ["1-3,7", "5-"]}),
        ("return_words", "maybe", {"valid_values": ["true", "false"]}),
    ],
)
def test_an_unknown_value_is_refused_with_what_the_option_takes(
    name: str, text: str, told: dict[str, object]
) -> None:
    members = refusal(name, text).members
    assert {key: members[key] for key in told} == told


def test_an_unknown_language_is_refused_with_the_nearest_ones() -> None:
    assert "russian" in refusal("lang", "rusian").members["near"]


def test_a_refusal_does_not_repeat_a_long_value_whole() -> None:
    assert refusal("pages", "x" * 10_000).members["received"] == "x" * LONGEST_ECHO


def test_the_format_that_is_named_comes_before_the_accept_header() -> None:
    assert read_asked({"format": "tsv"}, USUAL, "text/plain").format == "tsv"
    assert read_asked({}, USUAL, "text/plain").format == "text"


def test_the_document_names_every_format() -> None:
    assert get_args(FormatName) == FORMATS


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30) | st.text("0123456789-.,autonesyrfl")))
def test_any_texts_are_understood_or_refused(given: dict[str, str | None]) -> None:
    try:
        options = read_asked(given, USUAL).options
    except InvalidOption as refused:
        assert refused.members["option"] in given  # noqa: PT017  it may as well be understood
        return
    assert 0 <= options.min_confidence <= 1
    assert 320 <= options.side_limit <= 4000
