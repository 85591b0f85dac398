"""Range headers, as RFC 9110 reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.hub.ranges import Range, read_ranges
from offing.xet.hub.refusals import Refusal


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=-5", [(95, 100)]),
        ("bytes=-500", [(0, 100)]),
        ("bytes=50-5000", [(50, 100)]),
        ("bytes=0-1, 4-5", [(0, 2), (4, 6)]),
        ("bytes=0-1,200-300", [(0, 2)]),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("items=0-9", None),
        ("bytes=a-b", None),
        ("bytes=0-9" * 2, None),
        ("bytes=" + "1-2," * 5000 + "1-2", None),
    ],
)
def test_ranges_within_a_hundred_bytes(header: str, expected: list[Range] | None) -> None:
    assert read_ranges(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=200-300,400-500"])
def test_a_range_without_a_byte_is_416(header: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_ranges(header, 100)
    assert refused.value.status == 416
    assert refused.value.headers["Content-Range"] == "bytes */100"


@given(st.text(max_size=60), st.integers(0, 10**12))
def test_whatever_comes_is_answered_within_the_size(header: str, size: int) -> None:
    try:
        ranges = read_ranges(f"bytes={header}", size)
    except Refusal:
        return
    assert all(0 <= first < after <= size for first, after in ranges or [])
