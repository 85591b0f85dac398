"""Lines are shared out so that the last thread ends soon."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.sharing_out import LEAST, shared_out

WIDTHS = st.lists(st.integers(64, 3200), max_size=20).map(lambda each: sorted(each, reverse=True))


@pytest.mark.parametrize(
    ("widths", "together"),
    [
        ([], 0),
        ([960], 1),  # a line alone is read by both threads
        ([960, 960], 0),  # two lines by one thread each
        ([960, 960, 960], 1),
        ([960, 128, 128, 128], 1),  # one would read it long after the other has ended
        ([320], 0),  # too narrow to gain
    ],
)
def test_two_threads_share_few_lines(widths: Sequence[int], together: int) -> None:
    assert shared_out(widths, 2) == together


@given(widths=WIDTHS)
def test_one_thread_reads_line_by_line(widths: list[int]) -> None:
    assert shared_out(widths, 1) == 0


@given(widths=WIDTHS, threads=st.integers(2, 16))
def test_only_wide_lines_are_read_together(widths: list[int], threads: int) -> None:
    first = shared_out(widths, threads)
    assert 0 <= first <= len(widths)
    assert all(width >= LEAST for width in widths[:first])
