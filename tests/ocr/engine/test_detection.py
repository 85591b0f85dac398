"""Detection: the size at which a page is seen, and the boxes found in it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine import models
from offing.ocr.engine.crops import Corners, Pixels
from offing.ocr.engine.detection import STEP, Detector, Normalisation, seen_size
from offing.ocr.engine.runtime import open_runtime
from tests.ocr.engine.drawn import MARGIN, PITCH, Recorder, page

PAGE = page("Harbour lights", "of the northern coast")


@pytest.fixture(scope="module")
def detector() -> Detector:
    runtime = open_runtime()
    file = models.packaged("pp-ocrv6-tiny").detection.file
    return Detector(runtime.load(file, threads=2))


def found(detector: Detector, pixels: Pixels, side_limit: int = 960) -> list[Corners]:
    boxes = detector.find(pixels, side_limit=side_limit)
    return sorted(boxes, key=lambda box: float(box[:, 1].mean()))


@given(st.integers(1, 50_000), st.integers(1, 50_000), st.integers(320, 4000))
def test_the_size_is_of_whole_steps_and_at_most_half_a_step_beyond_the_limit(
    height: int, width: int, side_limit: int
) -> None:
    seen = seen_size(height, width, side_limit)
    assert all(side % STEP == 0 for side in seen)
    assert min(seen) >= STEP
    assert max(seen) <= side_limit + STEP / 2


@given(st.integers(400, 4000), st.integers(400, 4000), st.integers(640, 4000))
def test_the_page_keeps_its_proportions_to_half_a_step(height: int, width: int, side_limit: int) -> None:
    seen_height, seen_width = seen_size(height, width, side_limit)
    scale = min(1.0, side_limit / max(height, width))
    assert seen_height == pytest.approx(max(STEP, height * scale), abs=STEP / 2)
    assert seen_width == pytest.approx(max(STEP, width * scale), abs=STEP / 2)


def test_a_small_image_is_enlarged_and_one_of_good_size_is_not() -> None:
    assert seen_size(48, 200, 960) == (160, 672)
    assert seen_size(100, 100, 960) == (160, 160)
    assert seen_size(640, 480, 960) == (640, 480)


def test_each_line_of_a_page_is_a_box_where_it_is_drawn(detector: Detector) -> None:
    boxes = found(detector, PAGE)
    assert len(boxes) == 2
    for number, box in enumerate(boxes):
        top = MARGIN + PITCH * number
        assert box[:, 1].mean() == pytest.approx(top + PITCH / 2, abs=8)
        assert box[:, 0].min() == pytest.approx(MARGIN, abs=8)


@pytest.mark.parametrize("side_limit", [320, 640, 4000])
def test_boxes_are_in_pixels_of_the_page_whatever_the_network_sees(
    detector: Detector, side_limit: int
) -> None:
    for box, usual in zip(found(detector, PAGE, side_limit), found(detector, PAGE), strict=True):
        assert box == pytest.approx(usual, abs=8)


def shapes(pixels: Pixels) -> list[tuple[int, ...]]:
    """How often, and how large, the network sees a page."""
    file = models.packaged("pp-ocrv6-tiny").detection.file
    recorder = Recorder(open_runtime().load(file, threads=1))
    Detector(recorder).find(pixels, side_limit=960)
    return [tensor.shape[2:] for tensor in recorder.given]


def shrunk(pixels: Pixels, width: int, height: int) -> Pixels:
    """A page in finer print, in the middle of nothing."""
    small = cv2.resize(pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    whole = np.full((height, width, 3), 255, np.uint8)
    whole[20 : 20 + len(small), 20 : 20 + small.shape[1]] = small
    return whole


def test_a_small_page_of_large_letters_is_looked_at_once_from_further_away() -> None:
    assert shapes(page("Harbour lights", width=640, height=320)) == [(256, 480)]


@pytest.mark.parametrize("headline", ["", "Harbour lights"])
def test_a_small_page_that_holds_fine_print_or_nothing_is_looked_at_as_it_is(
    detector: Detector, headline: str
) -> None:
    assert shapes(page(width=640, height=320)) == [(256, 480), (320, 640)]
    whole = shrunk(page("of the northern coast", "at night"), 640, 320)
    whole[160:] = page(headline, width=640, height=160)
    assert shapes(whole) == [(256, 480), (320, 640)]
    assert len(found(detector, whole)) == (3 if headline else 2)


def test_larger_pages_are_looked_at_once() -> None:
    assert shapes(page("Harbour lights", width=640, height=512)) == [(512, 640)]
    assert shapes(page("Harbour lights", width=1200, height=200)) == [(160, 960)]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (7, 9000), (320, 320)])
def test_an_empty_page_of_any_shape_has_no_boxes(detector: Detector, shape: tuple[int, int]) -> None:
    assert found(detector, np.full((*shape, 3), 255, np.uint8)) == []


def test_the_network_sees_blue_green_and_red_normalised_each_in_its_own_way() -> None:
    file = models.packaged("pp-ocrv6-tiny").detection.file
    recorder = Recorder(open_runtime().load(file, threads=1))
    how = Normalisation((0.1, 0.2, 0.3), (0.5, 0.25, 0.2))
    pixels = np.full((320, 352, 3), (255, 51, 0), np.uint8)
    Detector(recorder, how).find(pixels, side_limit=960)
    tensor = recorder.given[-1]
    assert tensor.shape == (1, 3, 320, 352)
    assert tensor[0, :, 100, 100] == pytest.approx([-0.2, 0.0, 3.5], abs=1e-6)


def test_a_page_that_may_not_be_written_to_and_lies_in_memory_backwards_is_read(detector: Detector) -> None:
    backwards = np.ascontiguousarray(PAGE[::-1, ::-1])[::-1, ::-1]
    backwards.setflags(write=False)
    for box, usual in zip(found(detector, backwards), found(detector, PAGE), strict=True):
        assert np.array_equal(box, usual)
