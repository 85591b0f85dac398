"""Which format an answer is in."""

from __future__ import annotations

import pytest

from offing.ocr.answer_format import NAMES, accepted, named


@pytest.mark.parametrize(
    ("header", "format_"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("application/x-ndjson", "ndjson"),
        ("text/plain", "text"),
        ("TEXT/PLAIN; charset=utf-8", "text"),
        ("application/pdf", "pdf"),
        ("image/png", "png"),
        ("text/vnd.hocr+html", "hocr"),
        ("text/markdown, */*;q=0.1", "markdown"),
        ("application/pdf;q=0.2, text/plain;q=0.9", "text"),
        ("application/pdf;q=0", "json"),
        ("audio/ogg", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", "json"),
        (";;,,;q=;q=7", "json"),
    ],
)
def test_the_accept_header_chooses_what_it_wants_most(header: str, format_: str) -> None:
    assert accepted(header) == format_


@pytest.mark.parametrize(
    ("text", "format_"),
    [("JSON", "json"), (" md ", "markdown"), ("txt", "text"), (".pdf", "pdf"), ("jpeg", None), ("", None)],
)
def test_a_format_goes_by_its_name_or_its_files_ending(text: str, format_: str | None) -> None:
    assert named(text) == format_


def test_every_format_goes_by_its_own_name() -> None:
    assert [named(name) for name in NAMES] == list(NAMES)
