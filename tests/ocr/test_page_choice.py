"""Which pages ``pages=`` names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.page_choice import EVERY_PAGE, read_pages


@pytest.mark.parametrize(
    ("text", "count", "numbers"),
    [
        ("1", 3, [1]),
        ("1-3,7", 9, [1, 2, 3, 7]),
        ("7,1-3", 9, [1, 2, 3, 7]),
        (" 2 - 3 , 3 ", 9, [2, 3]),
        ("8-", 9, [8, 9]),
        ("9-", 9, [9]),
        ("1,1,1", 1, [1]),
        ("5", 3, [5]),
        ("2-5", 3, [2, 3, 4]),
        ("5-", 3, [5]),
        ("2-999999", 3, [2, 3, 4]),
    ],
)
def test_numbers_and_runs_are_read(text: str, count: int, numbers: list[int]) -> None:
    assert read_pages(text).of(count) == numbers


@pytest.mark.parametrize(
    "text", ["0", "0-3", "3-1", "-3", "1,,2", ",", "1-2-3", "one", "1.5", "²", "1" * 7, "1," * 200 + "1"]
)
def test_what_names_no_pages_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_pages(text)


def test_without_a_choice_every_page_is_read() -> None:
    assert EVERY_PAGE.of(4) == [1, 2, 3, 4]


@given(st.text(alphabet="0123456789-, ", max_size=30), st.integers(1, 500))
def test_a_choice_is_never_long_and_always_in_order(text: str, count: int) -> None:
    try:
        numbers = read_pages(text).of(count)
    except ValueError:
        return
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 1
    assert len(numbers) <= count + 100
