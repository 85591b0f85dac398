"""The table: within the terminal, whatever the names and the fields are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.cli.files import Unreadable
from offing.cli.insights.batch import Answer
from offing.cli.insights.lines import line
from offing.cli.insights.table import table
from offing.cli.wording import detail
from offing.insights.problems import InvalidImage, TooManyPixels


def answer(named: str, **fields: Any) -> Answer:
    return Answer(named, json.dumps({**fields, "width": 30, "height": 20, "algorithm": "rec709"}).encode())


def test_numbers_stand_under_their_names_at_the_right() -> None:
    answers = [answer("a.jpg", score=7), answer("long-name.jpg", score=100)]
    assert table(answers, 80).splitlines() == [
        "input          score   size",
        "a.jpg              7  30x20",
        "long-name.jpg    100  30x20",
    ]


def test_a_failure_stands_in_its_place_with_its_reason() -> None:
    answers = [Answer("bad.jpg", problem=InvalidImage("It ends early.")), answer("a.jpg", score=7)]
    assert table(answers, 80).splitlines()[1] == (
        "bad.jpg  invalid-image: Invalid or corrupted image file: It ends early."
    )


def test_a_name_that_is_too_wide_keeps_its_end() -> None:
    rows = table([answer("folders/" * 20 + "photo.jpg", score=7)], 50).splitlines()
    assert len(rows[1]) == 50
    assert rows[1].startswith("...")
    assert rows[1].split()[0].endswith("folders/photo.jpg")


def test_more_fields_than_fit_are_listed_below_the_name() -> None:
    fields = {f"metric_{number}": number for number in range(10)}
    answers = [answer("a.jpg", **fields), Answer("b.jpg", problem=Unreadable("No such file."))]
    lines = table(answers, 60).splitlines()
    assert lines[0] == "a.jpg"
    assert lines[1].split() == ["metric_0", "0"]
    assert lines[-3] == "b.jpg"
    assert lines[-2].split(maxsplit=1) == ["error", "unreadable: No such file."]
    assert lines[-1].split(maxsplit=1) == ["remedy", "Check the path and the permissions."]


def test_objects_and_lists_are_written_out() -> None:
    fields = {"palette": [{"color": "#ffffff", "share": 0.75}, {"color": "#000000", "share": 0.25}]}
    text = table([answer("a.jpg", **fields, text_color={"color": "#000000", "aa": True})], 200)
    assert "#ffffff 0.75, #000000 0.25" in text
    assert "color #000000, aa true" in text


def test_a_name_cannot_move_the_cursor() -> None:
    assert r"a\x1b[2J\n.jpg" in table([answer("a\x1b[2J\n.jpg", score=1)], 80)


def test_wide_characters_take_two_columns() -> None:
    rows = table([answer("写真.jpg", score=7), answer("12345678.jpg", score=7)], 80).splitlines()
    assert len(rows[1]) == len(rows[2]) - 2


@given(
    names=st.lists(st.text(min_size=1), min_size=1, max_size=4),
    width=st.integers(min_value=1, max_value=200),
    count=st.integers(min_value=0, max_value=12),
)
def test_a_table_is_laid_out_for_any_names_and_any_terminal(names: list[str], width: int, count: int) -> None:
    text = table([answer(name, **{f"m{each}": each for each in range(count)}) for name in names], width)
    assert text.count("30x20") == len(names)
    assert all(each.isprintable() for row in text.splitlines() for each in row)


@pytest.mark.parametrize("named", ["a.jpg", 'quo"te', "日本", "tab\t", "\udce9.png"])
def test_a_line_is_one_json_object_with_the_input_first(named: str) -> None:
    good, bad = line(answer(named, score=7)), line(Answer(named, problem=Unreadable("Gone.")))
    assert list(json.loads(good)) == ["input", "score", "width", "height", "algorithm"]
    assert list(json.loads(bad)) == ["input", "error"]
    assert json.loads(good)["input"] == json.loads(bad)["input"] == named
    assert b"\n" not in good + bad


def test_the_detail_names_the_particulars_of_a_problem() -> None:
    problem = TooManyPixels(max_pixels=10, received_pixels=20)
    assert detail(problem) == "Image exceeds maximum allowed pixels (max pixels 10, received pixels 20)."
