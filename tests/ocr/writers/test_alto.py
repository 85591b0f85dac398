"""ALTO, parsed as XML and held against what its schema (version 4.4) demands of these elements."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given

from offing.ocr.engine.page import Line, Page
from offing.ocr.writers.alto import NAMESPACE
from offing.ocr.writers.placed import words_of
from tests.ocr.writers.pages import any_page, line, page, rectangle, write

_PLACE = {"HPOS", "VPOS", "WIDTH", "HEIGHT"}

CHILDREN = {
    "alto": "Description Layout ",
    "Description": "MeasurementUnit Processing ",
    "Processing": "processingSoftware ",
    "processingSoftware": "softwareName softwareVersion ",
    "Layout": "(Page )+",
    "Page": "PrintSpace ",
    "PrintSpace": "(TextBlock )*",
    "TextBlock": "Shape (TextLine )*",
    "TextLine": "Shape (String (SP )?)+",
    "Shape": "Polygon ",
}
"""The order of each element's children, as a pattern; others have none."""

ATTRIBUTES = {
    "alto": {"SCHEMAVERSION"},
    "Processing": {"ID"},
    "Page": {"ID", "PHYSICAL_IMG_NR", "WIDTH", "HEIGHT"},
    "PrintSpace": {"ID", *_PLACE},
    "TextBlock": {"ID", *_PLACE},
    "TextLine": {"ID", *_PLACE, "BASELINE", "BASEDIRECTION"},
    "String": {"ID", *_PLACE, "WC", "CONTENT"},
    "SP": {"HPOS", "VPOS", "WIDTH"},
    "Polygon": {"POINTS"},
}


@given(any_page(), any_page())
def test_any_text_gives_the_schemas_elements_in_their_order(first: Page, second: Page) -> None:
    root = _parsed(write("alto", first, second))
    for element in root.iter():
        name = _name(element)
        assert re.fullmatch(CHILDREN.get(name, ""), "".join(f"{_name(child)} " for child in element)), name
        assert {key for key in element.attrib if "}" not in key} == ATTRIBUTES.get(name, set()), name
    expected = [word.text for page in (first, second) for each in page.lines for word in words_of(each)]
    assert [each.get("CONTENT") for each in _all(root, "String")] == expected


@given(any_page(), any_page())
def test_ids_are_names_and_none_is_there_twice(first: Page, second: Page) -> None:
    names = [each.get("ID") or "" for each in _parsed(write("alto", first, second)).iter() if each.get("ID")]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+_[0-9_]+", name) for name in names)


@given(any_page())
def test_values_are_of_the_schemas_types(page: Page) -> None:
    root = _parsed(write("alto", page))
    for element in root.iter():
        for key in _PLACE & set(element.attrib):
            assert int(element.attrib[key]) >= 0
    assert all(0 <= float(each.attrib["WC"]) <= 1 for each in _all(root, "String"))
    points = re.compile(r"-?[0-9.]+,-?[0-9.]+( -?[0-9.]+,-?[0-9.]+)+")
    assert all(points.fullmatch(each.attrib["BASELINE"]) for each in _all(root, "TextLine"))
    assert all(points.fullmatch(each.attrib["POINTS"]) for each in _all(root, "Polygon"))


def test_words_spaces_and_baseline_are_where_they_were_read() -> None:
    root = _parsed(write("alto", page([line("One", "two", at=(50, 60))])))
    first, second = _all(root, "String")
    (space,) = _all(root, "SP")
    (base,) = _all(root, "TextLine")
    assert [first.attrib[key] for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT")] == ["50", "60", "45", "30"]
    assert (second.get("HPOS"), space.get("HPOS"), space.get("WIDTH")) == ("110", "95", "15")
    assert base.get("BASELINE") == "50.0,84.0 155.0,84.0"


def test_the_space_of_text_from_right_to_left_lies_left_of_its_word() -> None:
    root = _parsed(write("alto", page([line("שלום", "עולם", to_left=True)])))
    first, second = _all(root, "String")
    (space,) = _all(root, "SP")
    assert (second.get("HPOS"), space.get("HPOS"), first.get("HPOS")) == ("50", "110", "125")


def test_each_line_says_its_direction() -> None:
    vertical = Line("縦書き", 0.9, rectangle(100, 50, 40, 120), vertical=True)
    root = _parsed(write("alto", page([line("one"), line("שלום"), vertical])))
    assert [each.get("BASEDIRECTION") for each in _all(root, "TextLine")] == ["ltr", "rtl", "ttb"]


def test_lines_without_text_are_left_out() -> None:
    assert _all(_parsed(write("alto", page([line("\x00")]))), "TextLine") == []


def _parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 what was written a moment ago


def _all(root: ET.Element, name: str) -> list[ET.Element]:
    return list(root.iter(f"{{{NAMESPACE}}}{name}"))


def _name(element: ET.Element) -> str:
    assert element.tag.startswith(f"{{{NAMESPACE}}}")
    return element.tag.partition("}")[2]
