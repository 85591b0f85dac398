"""Cutting boxes out of pages."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.crops import Corners, Pixels, checked, cut, is_tall, size
from tests.ocr.engine.drawn import line


def corners(left: float, top: float, right: float, bottom: float) -> Corners:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def laid_askew(text: Pixels, degrees: float) -> tuple[Pixels, Corners]:
    """A page on which a line lies turned clockwise, and where."""
    height, width = text.shape[:2]
    side = 2 * width
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    laid = cv2.warpAffine(text, turn, (side, side), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    box = corners(0, 0, width, height) @ turn[:, :2].T + turn[:, 2]
    return np.asarray(laid, np.uint8), box.astype(np.float32)


@pytest.mark.parametrize("degrees", [-75, -30, -12, -3, 4, 20, 45, 80])
def test_a_line_that_lies_askew_is_cut_out_straight(degrees: float) -> None:
    text = line("Harbour")
    laid, box = laid_askew(text, degrees)
    crop = cut(laid, box)
    assert crop.shape[:2] == pytest.approx(text.shape[:2], abs=1)
    straight = cv2.resize(crop, (text.shape[1], text.shape[0])).astype(np.float32)
    assert np.corrcoef(straight.ravel(), text.astype(np.float32).ravel())[0, 1] > 0.95


@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 60), st.integers(1, 40))
def test_a_level_box_is_a_view_of_the_page(left: int, top: int, width: int, height: int) -> None:
    page = np.arange(100 * 130 * 3, dtype=np.uint32).astype(np.uint8).reshape(100, 130, 3)
    crop = cut(page, corners(left, top, left + width, top + height))
    assert np.shares_memory(crop, page)
    assert np.array_equal(crop, page[top : top + height + 1, left : left + width + 1])


@given(st.lists(st.tuples(st.floats(0, 129), st.floats(0, 99)), min_size=4, max_size=4))
def test_any_four_points_of_a_page_give_an_image_no_larger_than_its_diagonal(
    points: list[tuple[float, float]],
) -> None:
    crop = cut(np.zeros((100, 130, 3), np.uint8), np.array(points, np.float32))
    assert crop.shape[2] == 3
    assert min(crop.shape[:2]) >= 1
    assert max(crop.shape[:2]) <= 165


def test_a_box_on_a_page_longer_than_a_short_integer_counts_is_cut_out() -> None:
    page = np.zeros((60, 40_000, 3), np.uint8)
    page[20:40, 39_000:39_200] = 200
    box = np.array([[39_000, 22], [39_198, 18], [39_199, 38], [39_001, 42]], np.float32)
    assert cut(page, box).mean() > 150


def test_tall_is_half_as_high_again_as_wide() -> None:
    assert is_tall(corners(0, 0, 10, 15))
    assert not is_tall(corners(0, 0, 10, 14.9))


def test_the_size_of_a_box_is_that_of_its_longer_edges() -> None:
    slanted = np.array([[0, 0], [30, 40], [30, 44], [0, 10]], np.float32)
    assert size(slanted) == pytest.approx((50, 10))


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((5, 5), np.uint8),
        np.zeros((5, 5, 1), np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((5, 0, 3), np.uint8),
        np.zeros((5, 5, 3), np.float32),
        np.zeros((5, 5, 3), np.bool_),
        np.zeros((5, 5, 3), np.uint16),
    ],
    ids=lambda page: f"{page.dtype}{page.shape}",
)
def test_what_is_no_page_of_three_channels_of_bytes_is_refused(page: Pixels) -> None:
    with pytest.raises(ValueError, match="a page is"):
        checked(page)


def test_a_page_in_one_piece_is_not_copied_and_any_other_is_once() -> None:
    page = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert checked(page) is page
    turned = checked(page[::-1, ::-1])
    assert turned.flags.c_contiguous
    assert np.array_equal(turned, page[::-1, ::-1])
