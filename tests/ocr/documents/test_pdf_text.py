"""The text that a page of a PDF holds, where it lies, and when it is believed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from offing.ocr.documents.document import open_document
from offing.ocr.engine.page import Page, Quad, box, upright
from tests.ocr.documents.opening import LOREM, first_page, text_of
from tests.ocr.documents.pdf_files import (
    A4,
    document,
    drawn,
    image,
    paragraph,
    stream,
    text,
)

BODY = paragraph(70, 760, 12, LOREM)
PIXELS_A_POINT = 200 / 72
SCAN = image(8, 8, bytes([250]) * 64)
"""A scan, as far as its place on the page goes."""


def covered(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], page: Page) -> tuple[float, float]:
    """How much of the ink lies in the words' boxes, and how much of the page the boxes take."""
    ink = pixels.min(axis=2) < 128
    inside = np.zeros(ink.shape, bool)
    for line in page.lines:
        for word in line.words:
            left, top, right, bottom = box(word.bbox)
            inside[max(0, int(top)) : int(bottom) + 2, max(0, int(left)) : int(right) + 2] = True
    assert ink.any()
    return float(inside[ink].mean()), float(inside.mean())


def test_lines_and_words_are_in_order_and_whole() -> None:
    page = text_of(document(BODY))
    assert page.text.splitlines() == list(LOREM)
    lines = list(page.lines)
    assert [[word.text for word in line.words] for line in lines] == [line.split() for line in LOREM]
    assert {(line.engine, line.confidence, line.script) for line in lines} == {("pdf", 1.0, "Latn")}
    assert (page.source, page.dpi, page.width, page.height) == ("pdf-text", 200, 1653, 2339)


def test_a_word_lies_where_its_baseline_and_size_say() -> None:
    (line,) = text_of(document(text(100, 500, 20, "Offing"))).lines
    left, top, right, bottom = box(line.bbox)
    baseline = (842 - 500) * PIXELS_A_POINT
    assert left == pytest.approx(100 * PIXELS_A_POINT, abs=2)
    assert top < baseline - 0.7 * 20 * PIXELS_A_POINT
    assert baseline <= bottom < baseline + 0.4 * 20 * PIXELS_A_POINT
    assert 2.2 * 20 < (right - left) / PIXELS_A_POINT < 3.2 * 20


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90, 450])
def test_the_boxes_lie_on_the_ink_however_the_page_is_turned(rotate: int) -> None:
    data = document(BODY, rotate=rotate, box=(-30, 15, 565, 857))
    source = first_page(data, pixels=True)
    assert source.text is not None
    assert source.pixels is not None
    assert source.pixels.shape == (source.height, source.width, 3)
    inside, share = covered(source.pixels, source.text)
    assert inside > 0.995
    assert share < 0.12
    assert (source.width > source.height) == (rotate % 180 != 0)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_text_that_is_turned_on_its_page_is_read_in_its_own_direction(degrees: int) -> None:
    starts = {90: (100, 200), 180: (500, 500), 270: (300, 800)}
    x, y = starts[degrees]
    steps = {90: (16, 0), 180: (0, 16), 270: (-16, 0)}[degrees]
    content = b"".join(
        text(x + steps[0] * row, y + steps[1] * row, 12, line, degrees=degrees)
        for row, line in enumerate(LOREM)
    )
    source = first_page(document(content), pixels=True)
    page = source.text
    assert page is not None
    assert source.pixels is not None
    assert page.orientation == (360 - degrees) % 360
    assert page.text.splitlines() == list(LOREM)
    assert covered(source.pixels, page)[0] > 0.995
    for line in upright(page).lines:
        (x0, y0), (x1, y1), _, (x3, y3) = line.bbox
        assert x1 > x0
        assert y3 > y0
        assert abs(y1 - y0) < 1
        assert abs(x3 - x0) < 1


@pytest.mark.parametrize("degrees", [-10, 7, 30, 45])
def test_a_slanted_line_has_a_slanted_box(degrees: int) -> None:
    (line,) = text_of(document(text(150, 300, 24, "Slanted by some degrees", degrees=degrees))).lines
    top_left, top_right, _, bottom_left = line.bbox
    assert angle(top_left, top_right) == pytest.approx(-degrees, abs=1)
    assert angle(top_left, bottom_left) == pytest.approx(90 - degrees, abs=1)
    height = np.hypot(bottom_left[0] - top_left[0], bottom_left[1] - top_left[1])
    assert 0.8 * 24 * PIXELS_A_POINT < height < 2.2 * 24 * PIXELS_A_POINT


def angle(start: tuple[float, float], end: tuple[float, float]) -> float:
    return float(np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])))


def test_columns_are_read_one_after_the_other() -> None:
    left, right = [f"left {line}"[:34] for line in LOREM], [f"right {line}"[:34] for line in LOREM]
    rows = b"".join(
        text(60, 700 - 16 * row, 11, left[row]) + text(330, 700 - 16 * row, 11, right[row])
        for row in range(len(LOREM))
    )
    found = [line.text for line in text_of(document(rows)).lines]
    assert found == [line.strip() for line in [*left, *right]]


def test_a_hyphen_at_the_end_of_a_line_is_one() -> None:
    page = text_of(document(paragraph(70, 700, 12, ["a word that is divi-", "ded between two lines"])))
    assert page.text.splitlines() == ["a word that is divi-", "ded between two lines"]


def test_an_empty_page_is_an_empty_text() -> None:
    page = text_of(document(b""))
    assert page.text == ""
    assert page.blocks == ()


def test_pixels_of_a_page_of_text_come_only_when_asked_for() -> None:
    data = document(BODY)
    assert first_page(data).pixels is None
    source = first_page(data, pixels=True)
    assert (source.source, source.text is not None, source.pixels is not None) == ("pdf-text", True, True)


def scan(*over: bytes, under: bytes = b"") -> bytes:
    return document(under + drawn(b"I") + b"".join(over), extra=[SCAN], named=b"/I 4 0 R")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("no text at all", scan()),
        ("an invisible layer of OCR", scan(paragraph(70, 760, 12, LOREM * 4, mode=3))),
        ("a layer of OCR under the image", scan(under=paragraph(70, 760, 12, LOREM * 4))),
        ("a page number on a scan", scan(text(300, 30, 10, "Page 7 of 12"))),
        ("a stamp line on a scan", scan(text(30, 820, 8, "FAX 2026-03-04 12:11  FROM 0123 456789 TO 98765"))),
        ("invisible text without any image", document(paragraph(70, 760, 12, LOREM, mode=3))),
        (
            "a layer of OCR, all of it in a form",
            document(
                b"/X Do",
                extra=[
                    SCAN,
                    stream(
                        drawn(b"I") + paragraph(70, 760, 12, LOREM * 4, mode=3),
                        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]"
                        b"/Resources<</Font<</F 3 0 R>>/XObject<</I 4 0 R>>>>",
                    ),
                ],
                named=b"/X 5 0 R",
            ),
        ),
        ("text outside the page", document(b"".join(text(900, 100 + 9 * n, 9, LOREM[0]) for n in range(9)))),
        ("all characters in one heap", document(b"".join(text(100, 100, 9, "x") for _ in range(3)) * 20
                                                + b"".join(text(100.1, 100, 9, c) for c in "abcdefgh"))),
        ("letters as outlines", document(b"0 0 m 9 9 l S " * 400 + text(70, 30, 8, "Figure 3"))),
        (
            "letters without a meaning",
            document(
                text(70, 700, 12, "".join(LOREM), font=b"G"),
                extra=[
                    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 5 0 R>>",
                    stream(
                        b"/CIDInit/ProcSet findresource begin begincmap 1 begincodespacerange <00><ff> "
                        b"endcodespacerange 1 beginbfrange <20><7e><e020> endbfrange endcmap end"
                    ),
                ],
                fonts=b"/G 4 0 R",
            ),
        ),
        (
            "a note on top of the text",
            document(
                BODY,
                extra=[b"<</Type/Annot/Subtype/FreeText/Rect[9 9 99 99]/Contents(Hi)/DA(/F 9 Tf)>>"],
                page=b"/Annots[4 0 R]",
            ),
        ),
        (
            "a filled field",
            document(
                BODY,
                extra=[b"<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Ahab)/DA(/F 9 Tf)/Rect[9 9 99 99]>>"],
                page=b"/Annots[4 0 R]",
                catalog=b"/AcroForm<</Fields[4 0 R]/DR<</Font<</F 3 0 R>>>>>>",
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_text_that_is_not_what_the_page_shows_is_not_believed(name: str, data: bytes) -> None:
    page = first_page(data)
    assert page.source == "pdf-scan", name
    assert page.text is None
    assert page.pixels is not None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a letter with a logo", document(
            BODY + drawn(b"I", (400, 700, 500, 800)), extra=[SCAN], named=b"/I 4 0 R")),
        ("a full page on a picture", scan(paragraph(70, 760, 12, LOREM * 4))),
        ("a table with ruled lines", document(BODY + b"0 0 m 9 9 l S " * 140)),
        ("a drawing with much text", document(BODY + b"0 0 m 9 9 l S " * 400)),
        ("text with a link", document(
            BODY, extra=[b"<</Type/Annot/Subtype/Link/Rect[9 9 99 99]>>"], page=b"/Annots[4 0 R]")),
        ("text with some invisible", document(BODY + text(70, 90, 12, "unseen", mode=3))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_text_that_is_what_the_page_shows_is_believed(name: str, data: bytes) -> None:
    page = text_of(data)
    assert LOREM[0] in page.text, name
    assert "unseen" not in page.text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext")
@pytest.mark.parametrize("rotate", [0, 90])
def test_words_lie_where_another_reader_finds_them(tmp_path: Path, rotate: int) -> None:
    file = tmp_path / "page.pdf"
    file.write_bytes(document(BODY, rotate=rotate, box=(10, 20, 605, 862)))
    command = ["pdftotext", "-bbox", str(file), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    pattern = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>'
    theirs = {found[4]: tuple(float(side) for side in found[:4]) for found in re.findall(pattern, told)}
    ours = {word.text: word.bbox for line in text_of(file.read_bytes()).lines for word in line.words}
    assert theirs.keys() == ours.keys()
    for word, sides in theirs.items():
        assert near(ours[word], sides), word


def near(quad: Quad, sides: tuple[float, ...]) -> bool:
    """Whether a box in pixels is one in points: to two points along, and to a third of the size across."""
    mine = [side / PIXELS_A_POINT for side in box(quad)]
    return all(abs(one - other) < 4 for one, other in zip(mine, sides, strict=True))


def test_every_page_of_a_long_document_is_its_own() -> None:
    data = document(*(text(90, 500, 14, f"This is page {number}") for number in range(1, 41)))
    with open_document(data) as pages:
        assert pages.pages == 40
        for number in (40, 1, 17, 17, 2):
            page = pages.page(number).text
            assert page is not None
            assert (page.number, page.text) == (number, f"This is page {number}")


def test_a_page_of_more_characters_than_a_page_has_is_rendered() -> None:
    page = first_page(document(text(0, 400, 1, "x" * 40_000), box=(0, 0, 99, 99)))
    assert page.source == "pdf-scan"


def test_the_paper_is_the_page_box_that_is_displayed() -> None:
    page = first_page(document(BODY, page=b"/CropBox[50 700 450 800]", box=A4))
    assert (page.width, page.height) == (1600, 400)
    assert page.dpi == 288
