"""hOCR, parsed as XML and read by its classes and titles."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from offing.ocr.engine.page import Line, Page
from offing.ocr.writers.placed import words_of
from tests.ocr.writers.pages import any_page, line, page, rectangle, skewed, write

_ = "{http://www.w3.org/1999/xhtml}"


def test_every_level_is_there_with_its_place() -> None:
    root = _parsed(write("hocr", page([line("One", "two"), line("three", at=(50, 90))], dpi=300)))
    assert _title(root, "ocr_page") == {"bbox": "0 0 800 1000", "ppageno": "0", "scan_res": "300 300"}
    assert _title(root, "ocr_carea") == {"bbox": "50 50 155 120"}
    assert _title(root, "ocr_par") == {"bbox": "50 50 155 120"}
    assert _title(root, "ocrx_word") == {"bbox": "50 50 95 80", "x_wconf": "90"}
    assert [each.text for each in _all(root, "ocrx_word")] == ["One", "two", "three"]


def test_nesting_is_page_area_paragraph_line_word() -> None:
    root = _parsed(write("hocr", page([line("One")])))
    path = (
        "body/div[@class='ocr_page']/div[@class='ocr_carea']/p[@class='ocr_par']/span[@class='ocr_line']/span"
    )
    assert [each.text for each in root.findall("/".join(_ + step for step in path.split("/")))] == ["One"]


@pytest.mark.parametrize("degrees", [-8, 0, 1, 15])
def test_the_baseline_is_told_from_the_boxs_bottom_left_corner(degrees: float) -> None:
    (tilted,) = skewed([line("Tilted", at=(300, 480), height=40)], degrees)
    title = _title(_parsed(write("hocr", page([tilted]))), "ocr_line")
    slope, offset = map(float, title["baseline"].split())
    left, _, right, bottom = map(int, title["bbox"].split())
    for x in (
        left,
        right,
    ):  # the line goes through the letters' feet: a fifth of the height above the corners
        corner = tilted.bbox[3] if x == left else tilted.bbox[2]
        above = corner[1] - (bottom + offset + slope * (corner[0] - left))
        assert above == pytest.approx(8 / (1 + slope**2) ** -0.5, abs=1.0)


def test_turned_text_has_an_angle_instead_of_a_baseline() -> None:
    (standing,) = skewed([line("Spine", at=(350, 480))], 270)
    title = _title(_parsed(write("hocr", page([standing]))), "ocr_line")
    assert title["textangle"] == "90.0"
    assert "baseline" not in title


def test_vertical_text_has_neither() -> None:
    vertical = Line("縦書き", 0.9, rectangle(100, 50, 40, 120), vertical=True)
    title = _title(_parsed(write("hocr", page([vertical]))), "ocr_line")
    assert not {"baseline", "textangle"} & set(title)


def test_text_from_right_to_left_says_so() -> None:
    root = _parsed(write("hocr", page([line("שלום", "עולם", to_left=True)], [line("hello")])))
    assert [each.get("dir") for each in _all(root, "ocr_line")] == ["rtl", None]


def test_scripts_without_spaces_get_none() -> None:
    root = _parsed(write("hocr", page([line("漢字", "かな", between="")])))
    assert "".join(_all(root, "ocr_line")[0].itertext()) == "漢字かな"


def test_markup_in_the_text_stays_text() -> None:
    attack = "<script>alert(1)</script>&amp;\"'><p"
    assert [each.text for each in _all(_parsed(write("hocr", page([line(attack)]))), "ocrx_word")] == [attack]


@given(any_page(), any_page())
def test_any_text_gives_valid_xml_with_every_word_and_no_id_twice(first: Page, second: Page) -> None:
    root = _parsed(write("hocr", first, second))
    expected = [word.text for page in (first, second) for each in page.lines for word in words_of(each)]
    assert [each.text for each in _all(root, "ocrx_word")] == expected
    names = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(names) == len(set(names))


def test_a_turned_page_is_written_upright() -> None:
    straight, lying = page([line("One", "two")]), page([line("One", "two")], orientation=90)
    assert write("hocr", lying) == write("hocr", straight)


def _parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 what was written a moment ago


def _all(root: ET.Element, kind: str) -> list[ET.Element]:
    return [each for each in root.iter() if each.get("class") == kind]


def _title(root: ET.Element, kind: str) -> dict[str, str]:
    title = _all(root, kind)[0].get("title") or ""
    return {name: value for name, _, value in (part.partition(" ") for part in title.split("; "))}
