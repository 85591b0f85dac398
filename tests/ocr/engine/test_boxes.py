"""Boxes from a map: what is drawn into it comes back, grown as the formula says."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.boxes import GROWTH, MOST_BOXES, TextMap, boxes_of
from offing.ocr.engine.crops import Corners, size
from offing.ocr.engine.runtime import Tensor

SIDE = 320
EDGE = 2.5
"""Pixels of the map by which drawing and finding an edge may differ."""


def map_of(*cores: Corners, likely: float = 0.9) -> Tensor:
    drawn = np.zeros((SIDE, SIDE), np.float32)
    for core in cores:
        cv2.fillPoly(drawn, [np.round(core).astype(np.int32)], (likely,))
    return drawn


def rectangle(center: tuple[float, float], sides: tuple[float, float], degrees: float) -> Corners:
    return np.asarray(cv2.boxPoints((center, sides, degrees)), np.float32)


def found(likely: Tensor, scale: tuple[float, float] = (1.0, 1.0)) -> list[Corners]:
    width, height = (round(SIDE * each) for each in scale)
    return boxes_of(TextMap(likely), scale=scale, width=width, height=height)


@given(
    st.tuples(st.floats(140, 180), st.floats(140, 180)),
    st.floats(60, 140),
    st.floats(10, 24),
    st.floats(-40, 40),
)
def test_a_rectangle_comes_back_grown_by_area_over_circumference(
    center: tuple[float, float], long: float, short: float, degrees: float
) -> None:
    (box,) = found(map_of(rectangle(center, (long, short), degrees)))
    long, short = long + 1, short + 1  # marking makes the core thicker by a pixel
    growth = GROWTH * long * short / (long + short)
    # What the core is found wider, the growth grows too.
    assert size(box) == pytest.approx((long + growth, short + growth), abs=EDGE * (1 + GROWTH))
    assert box.mean(axis=0) == pytest.approx(center, abs=EDGE)
    along = box[1] - box[0]
    angle = math.degrees(math.atan2(along[1], along[0]))
    assert angle == pytest.approx(degrees, abs=math.degrees(math.atan(2 * EDGE / long)) + 1)


@given(st.floats(0.3, 4), st.floats(0.3, 4))
def test_places_are_those_of_the_page_whatever_its_scale(across: float, down: float) -> None:
    core = rectangle((150, 120), (100, 20), 0)
    (plain,) = found(map_of(core))
    (scaled,) = found(map_of(core), (across, down))
    assert scaled == pytest.approx(plain * np.array([across, down]), abs=0.01)


@given(st.integers(0, 2**32 - 1))
def test_every_box_lies_on_the_page_and_begins_at_its_top_left(seed: int) -> None:
    chance = np.random.default_rng(seed)
    cores = [
        rectangle(
            tuple(chance.uniform(0, SIDE, 2)), tuple(chance.uniform(8, 120, 2)), chance.uniform(-90, 90)
        )
        for _ in range(chance.integers(1, 6))
    ]
    for box in found(map_of(*cores)):
        assert box.shape == (4, 2)
        assert box.min() >= 0
        assert box.max() <= SIDE - 1
        assert max(box[0, 0], box[3, 0]) <= max(box[1, 0], box[2, 0])
        assert box[0, 1] <= box[3, 1]
        assert box[1, 1] <= box[2, 1]


def test_scores_give_the_boxes_of_the_probabilities_that_a_sigmoid_makes_of_them() -> None:
    likely = map_of(rectangle((150, 120), (100, 20), 12), likely=0.6) + np.float32(1e-6)
    scores = np.log(likely / (1 - likely))
    scores[0, 0] = -1000  # a score that has no exponential
    (usual,) = found(likely)
    (box,) = boxes_of(TextMap(scores, raw=True), scale=(1, 1), width=SIDE, height=SIDE)
    assert box == pytest.approx(usual, abs=0.01)
    unlikely = np.where(scores > 0, np.float32(math.log(0.49 / 0.51)), scores)
    assert boxes_of(TextMap(unlikely, raw=True), scale=(1, 1), width=SIDE, height=SIDE) == []


def test_rectangles_apart_are_boxes_of_their_own() -> None:
    cores = [rectangle((160, y), (200, 16), 0) for y in (60, 140, 220)]
    assert sorted(round(float(box[:, 1].mean())) for box in found(map_of(*cores))) == pytest.approx(
        [60, 140, 220], abs=EDGE
    )


@pytest.mark.parametrize(
    "likely",
    [
        np.zeros((SIDE, SIDE), np.float32),
        map_of(rectangle((150, 120), (100, 20), 0), likely=0.4),
        map_of(rectangle((150, 120), (100, 1), 0)),
        map_of(rectangle((150, 120), (1, 1), 0)),
    ],
    ids=["nothing", "unlikely", "a hairline", "a dot"],
)
def test_what_is_too_unlikely_or_too_small_is_no_box(likely: Tensor) -> None:
    assert found(likely) == []


def test_a_map_that_is_text_all_over_is_one_box_within_the_page() -> None:
    (box,) = found(np.ones((SIDE, SIDE), np.float32))
    assert size(box) == (SIDE - 1, SIDE - 1)


def test_a_page_of_countless_spots_keeps_a_bounded_number_of_the_largest() -> None:
    spots = np.zeros((1200, 1200), np.float32)
    for top in range(0, 1200, 12):
        for left in range(0, 1200, 12):
            spots[top : top + 6, left : left + 6] = 1
    spots[588:606, 588:1188] = 1
    boxes = boxes_of(TextMap(spots), scale=(1, 1), width=1200, height=1200)
    assert len(boxes) <= MOST_BOXES
    assert max(size(box)[0] for box in boxes) >= 600
