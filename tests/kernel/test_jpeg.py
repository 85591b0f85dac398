"""Scans are counted as a decoder meets them, whatever is between; fill bytes do not keep a reader busy."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from offing.kernel.jpeg import MOST_OTHERS, MUCH_FILL, count_scans, without_fill
from tests.hostile import jpeg_writer as jpeg

HEAD = jpeg.tables() + jpeg.frame(16, 16, marker=jpeg.SOF2)
SCAN = jpeg.scan(bytes(2))
MARKS = b"\xff\xda"


@given(
    count=st.integers(0, 70),
    most=st.integers(1, 64),
    between=st.lists(st.sampled_from([b"", bytes(5), b"\xff\xff", b"\xff\x00", jpeg.tables()]), min_size=1),
    film=st.sampled_from([b"", MARKS * 500]),
)
def test_all_are_found_and_what_is_behind_the_end_is_not(
    count: int, most: int, between: list[bytes], film: bytes
) -> None:
    scans = b"".join(SCAN + between[number % len(between)] for number in range(count))
    for data in (jpeg.file(HEAD, scans) + film, memoryview(jpeg.file(HEAD, scans) + film)):
        assert count_scans(data, most) == min(count, most + 1)


def test_a_comment_of_marks_holds_none() -> None:
    data = jpeg.file(jpeg.segment(jpeg.COM, MARKS * 1_000), HEAD, SCAN)
    assert count_scans(data, 64) == 1


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_broken_file_is_counted_as_far_as_it_goes(cut: int) -> None:
    data = jpeg.file(HEAD, SCAN * 100)
    assert count_scans(data[: len(HEAD) + cut * len(SCAN)], 10) <= 11
    assert count_scans(MARKS * 1_000, 10) <= 11


def test_markers_without_end_are_not_followed_for_ever() -> None:
    endless = jpeg.file(HEAD, jpeg.segment(jpeg.COM) * (2 * MOST_OTHERS), MARKS * 100)
    assert count_scans(endless, 64) == 65


def test_a_photograph_with_a_film_behind_it_has_the_scans_of_the_photograph() -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "JPEG", progressive=True)
    film = random.Random(5).randbytes(8 * 1024 * 1024)  # noqa: S311  nothing secret
    assert film.count(MARKS) > 64
    assert count_scans(file.getvalue() + film, 64) == count_scans(file.getvalue(), 64) > 1


@given(
    fills=st.lists(st.integers(0, 2 * MUCH_FILL), min_size=3, max_size=3),
    kind=st.sampled_from([bytes, bytearray, memoryview]),
)
def test_fill_before_the_first_scan_goes_where_it_is_much(fills: list[int], kind: type[bytes]) -> None:
    parts = [jpeg.tables(), jpeg.frame(16, 16), SCAN + b"\xff" * 5_000 + jpeg.EOI]
    filled = jpeg.SOI + b"".join(b"\xff" * fill + part for fill, part in zip(fills, parts, strict=True))
    clean = jpeg.SOI + b"".join(parts)
    assert bytes(without_fill(kind(filled))) == (clean if sum(fills) > MUCH_FILL else filled)


@given(data=st.binary(max_size=60), fill=st.integers(0, 3_000))
def test_whatever_the_bytes_are_nothing_but_fill_goes(data: bytes, fill: int) -> None:
    for whole in (data, jpeg.SOI + b"\xff" * fill + data, jpeg.SOI + data + b"\xff" * fill):
        assert bytes(without_fill(whole)).replace(b"\xff", b"") == whole.replace(b"\xff", b"")


def test_a_photograph_comes_back_as_it_is() -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "JPEG")
    data = file.getvalue()
    assert without_fill(data) is data
