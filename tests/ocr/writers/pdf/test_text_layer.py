"""The unseen text: independent readers find every word, where it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from offing.ocr.engine.page import Line, Page, Word, box, upright
from offing.ocr.writers.placed import words_of
from tests.ocr.writers.pages import any_page, line, page, rectangle, skewed, write
from tests.ocr.writers.readers import (
    needs_poppler,
    opened,
    pdfium_boxes,
    pdfium_text,
    poppler_text,
    poppler_words,
)

SCRIPTS = {
    "Latin": line("Hello", "world,", "café"),
    "Combining": line("cafe\u0301", "n\u0303u", "हिन्दी", "ไทย"),
    "CJK": line("漢字かな", "文章", between=""),
    "Astral": line("fun😀", "🎉🎉", "𠀀𠀁"),
    "Hebrew": line("שלום", "עולם", "טוב", to_left=True),
    "Arabic": line("مرحبا", "بالعالم", to_left=True),
    "Mixed": line("كتاب", "2024", "شكرا", to_left=True),
    "Single": line("I", "a", "m", "😀"),
    "Long": line("incomprehensibilities" * 2, height=12),
}


@needs_poppler
@pytest.mark.parametrize("script", SCRIPTS)
def test_pdftotext_gives_each_scripts_line_back(script: str) -> None:
    text = poppler_text(write("pdf", page([SCRIPTS[script]]))).strip()
    if script == "Mixed":  # poppler puts the space before a number in such text behind the one before it
        assert text.replace(" ", "") == SCRIPTS[script].text.replace(" ", "")
    else:
        assert text == SCRIPTS[script].text


@pytest.mark.parametrize("script", SCRIPTS)
def test_pdfium_gives_each_scripts_line_back(script: str) -> None:
    assert pdfium_text(write("pdf", page([SCRIPTS[script]]))) == SCRIPTS[script].text


@needs_poppler
@pytest.mark.parametrize("orientation", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [72, 200, 0])
def test_words_are_where_they_were_read_on_the_upright_page(orientation: int, dpi: float) -> None:
    lines = [each for name, each in SCRIPTS.items() if name != "CJK"]
    placed = [
        line(
            *(word.text for word in each.words),
            at=(50, 60 * index + 50),
            to_left=name in {"Hebrew", "Arabic", "Mixed"},
        )
        for index, (name, each) in enumerate(
            zip([name for name in SCRIPTS if name != "CJK"], lines, strict=True)
        )
    ]
    turned = page(*([each] for each in placed), orientation=orientation, dpi=dpi)
    scale = 72 / (dpi or 1000 / (297 / 25.4))
    _found_in_place(write("pdf", turned), turned, scale)


def _found_in_place(pdf: bytes, shown: Page, scale: float, tolerance: float = 0.05) -> None:
    found = poppler_words(pdf)
    for each in upright(shown).lines:
        for word in words_of(each):
            expected = [value * scale for value in box(word.bbox)]
            assert found[word.text] == pytest.approx(expected, abs=tolerance), word.text


@needs_poppler
@pytest.mark.parametrize("orientation", [0, 90, 180, 270])
@pytest.mark.parametrize("degrees", [-15, -3, 0.5, 2, 8])
def test_words_of_skewed_lines_stay_whole_and_where_they_are(degrees: float, orientation: int) -> None:
    lines = skewed([line("Skewed", "words", "of", "internationalisation", at=(150, 300))], degrees)
    turned = page(lines, orientation=orientation)
    found = poppler_words(write("pdf", turned))
    for word in words_of(upright(turned).blocks[0].lines[0]):
        left, top, right, bottom = box(word.bbox)
        place = found[word.text]
        assert (place[0], place[2]) == pytest.approx((left, right), abs=10), word.text
        # Poppler gives the height of a tilted word's first letter alone.
        assert top - 1 <= place[1] <= place[3] <= bottom + 1, word.text


@pytest.mark.parametrize("degrees", [-8, 0, 3])
def test_pdfium_reads_skewed_lines_as_lines(degrees: float) -> None:
    lines = [line("Skewed", "line", "here", at=(250, 300 + 60 * index)) for index in range(3)]
    assert pdfium_text(write("pdf", page(skewed(lines, degrees)))).splitlines() == ["Skewed line here"] * 3


@needs_poppler
def test_vertical_text_runs_down() -> None:
    words = (Word("縦書", 0.9, rectangle(700, 100, 40, 80)), Word("きの", 0.9, rectangle(700, 180, 40, 80)))
    vertical = Line("縦書きの", 0.9, rectangle(700, 100, 40, 160), words, vertical=True)
    pdf = write("pdf", page([vertical]))
    assert poppler_text(pdf).strip() == "縦書きの"
    assert poppler_words(pdf)["縦書きの"] == pytest.approx((700, 100, 740, 260), abs=0.05)
    assert pdfium_boxes(pdf)["の"] == pytest.approx((700, 220, 740, 260), abs=1)


def test_letters_lie_evenly_within_their_word() -> None:
    boxes = pdfium_boxes(write("pdf", page([line("abcd", at=(100, 200), height=40)])))
    assert [boxes[letter][0] for letter in "abcd"] == pytest.approx([100, 120, 140, 160], abs=0.1)
    assert boxes["a"][1::2] == pytest.approx((200, 240), abs=0.5)


def test_the_first_letter_of_text_from_right_to_left_is_at_the_right() -> None:
    boxes = pdfium_boxes(write("pdf", page([line("שלום", at=(100, 200), height=40)])))
    assert [boxes[letter][0] for letter in "שלום"] == pytest.approx([160, 140, 120, 100], abs=0.1)


@needs_poppler
def test_boxes_that_reach_into_their_neighbours_do_not_tear_words_apart() -> None:
    words = (
        Word("שלום", 0.9, rectangle(300, 50, 80, 30)),
        Word("עולם", 0.9, rectangle(180, 50, 190, 30)),
        Word("טוב", 0.9, rectangle(100, 50, 190, 30)),
    )
    overlapping = Line("שלום עולם טוב", 0.9, rectangle(100, 50, 280, 30), words)
    assert poppler_text(write("pdf", page([overlapping]))).strip() == overlapping.text


@needs_poppler
def test_words_without_a_gap_between_them_keep_their_space() -> None:
    words = (Word("one", 0.9, rectangle(50, 50, 60, 30)), Word("two", 0.9, rectangle(110, 50, 60, 30)))
    touching = Line("one two", 0.9, rectangle(50, 50, 120, 30), words)
    assert poppler_text(write("pdf", page([touching]))).strip() == "one two"


def test_text_is_not_drawn() -> None:
    assert b"BT\n3 Tr\n" in _content(write("pdf", page([line("One")])))


def test_a_page_without_text_has_no_text_object() -> None:
    assert b"BT" not in _content(write("pdf", page()))


@settings(max_examples=40)
@given(any_page())
def test_any_text_gives_a_sound_file_that_readers_open(any_page: Page) -> None:
    pdf = write("pdf", any_page)
    assert _content(pdf).startswith(b"q ")
    pdfium_text(pdf)


def _content(pdf: bytes) -> bytes:
    with opened(pdf) as document:
        return document.pages[0].Contents.read_bytes()
