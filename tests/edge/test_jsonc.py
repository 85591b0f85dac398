"""JSON with comments: read as JSON is, and every value knows its line and its path."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.edge.jsonc import Node, Unreadable, read

DOCUMENT = """\
// a comment, with "quotes" and /* an opening
{
  "name": "offing", /* one
  over two lines */ "list": [
    1,
    { "deep": -2.5e3, }, // a trailing comma
  ],
  "url": "https://example.com/*not a comment*/",
  "odd name": null
}
"""
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=12,
)


def unwrapped(node: Node) -> object:
    """A node's value without lines and paths."""
    if isinstance(node.value, dict):
        return {name: unwrapped(each) for name, each in node.value.items()}
    return [unwrapped(each) for each in node.value] if isinstance(node.value, list) else node.value


def test_comments_and_trailing_commas_are_passed_over() -> None:
    assert unwrapped(read(DOCUMENT)) == {
        "name": "offing",
        "list": [1, {"deep": -2500.0}],
        "url": "https://example.com/*not a comment*/",
        "odd name": None,
    }


def test_every_value_knows_its_line_and_its_path() -> None:
    places = {each.path: each.line for each in read(DOCUMENT).walk()}
    assert places == {
        "": 2,
        "name": 3,
        "list": 4,
        "list[0]": 5,
        "list[1]": 6,
        "list[1].deep": 6,
        "url": 8,
        '"odd name"': 9,
    }


@given(plain, st.sampled_from([None, 2]))
def test_what_json_writes_is_read_as_json_reads_it(value: object, indent: int | None) -> None:
    assert unwrapped(read(json.dumps(value, indent=indent))) == value


@given(plain)
def test_characters_beyond_ascii_are_read_as_they_are(value: object) -> None:
    assert unwrapped(read(json.dumps(value, ensure_ascii=False))) == value


def test_a_name_that_comes_again_counts_last_and_the_earlier_is_remembered() -> None:
    node = read('{\n"a": 1,\n"a": 2}')
    assert unwrapped(node) == {"a": 2}
    assert [(each.value, each.line) for each in node.repeated] == [(1, 2)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Line 1: expected a value, found the end of the file"),
        ("{\n'a': 1}", 'Line 2: expected a name in double quotes, found "\'"'),
        ('{"a" 1}', "Line 1: expected a colon, found '1'"),
        ('{"a": 1\n"b": 2}', "Line 2: expected a comma or the object's end"),
        ("[1 2]", "expected a comma or the list's end"),
        ("[1", "found the end of the file"),
        ("{} {}", "expected the end of the file"),
        ("[,]", "expected a value, found ','"),
        ("/* never closed\n{}", "Line 1: expected a value, found '/'"),
        (r'"\x"', "a value that JSON doesn't know"),
        ("9" * 5000, "a value that JSON doesn't know"),
        ('"a\nb"', "expected a value"),
        ("NaN", "expected a value"),
        ("[" * 1000, "nested more than 64 levels deep"),
    ],
)
def test_what_is_not_json_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert said in refused.value.public_text


@given(st.text(alphabet='{}[]",:/*\\ \n1a', max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert read(text).line >= 1


def test_the_members_of_what_is_no_object_are_none() -> None:
    node = read("[1]")
    assert (node.get("a"), node.members(), node.text("a")) == (None, {}, "")
    assert read("{}").items() == []
