"""From a map of likely text to boxes, the second half of DB (Liao et al. 2020, section 3.5)."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.crops import Corners
from offing.ocr.engine.runtime import Tensor

THRESHOLD = 0.3
"""How likely a pixel must be to count."""
BOX_THRESHOLD = 0.5
"""How likely the pixels of a box must be on average."""
GROWTH = 1.8
"""The network marks the core of a text; its box grows by this times area over circumference."""
LEAST_CORE, LEAST_SIDE = 3, 5
MOST_BOXES = 3000
"""A page of noise is not read for hours."""
LEAST_SCORE = -60.0
"""Below it a score is as good as none; its exponential would not be a number."""


class TextMap(NamedTuple):
    """Where text is: (height, width), probabilities or the scores that a sigmoid makes them of."""

    values: Tensor
    raw: bool = False

    def mask(self) -> NDArray[np.uint8]:
        """1 where a pixel counts as text."""
        threshold = math.log(THRESHOLD / (1 - THRESHOLD)) if self.raw else THRESHOLD
        return (self.values > threshold).astype(np.uint8)

    def part(self, top: int, left: int, height: int, width: int) -> Tensor:
        """The probabilities in a rectangle."""
        values = self.values[top : top + height, left : left + width]
        if not self.raw:
            return values
        probabilities: Tensor = np.reciprocal(1 + np.exp(-np.maximum(values, np.float32(LEAST_SCORE))))
        return probabilities


def boxes_of(likely: TextMap, *, scale: tuple[float, float], width: int, height: int) -> list[Corners]:
    """The boxes in pixels of the page, given the map and how many of the page's pixels one of it spans."""
    mask = likely.mask()
    mask = cv2.dilate(mask, np.ones((2, 2), np.uint8))  # type: ignore[assignment]  # as deep as it was
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    if len(contours) > MOST_BOXES:
        contours = sorted(contours, key=cv2.contourArea, reverse=True)[:MOST_BOXES]
    found = (_grown(likely, contour) for contour in contours if len(contour) > 2)  # noqa: PLR2004  a triangle
    return [_placed(corners, scale, width, height) for corners in found if corners is not None]


def _grown(likely: TextMap, contour: cv2.typing.MatLike) -> Corners | None:
    """The box around a contour, or None where it is too small or too unlikely."""
    (center_x, center_y), (long, short), angle = cv2.minAreaRect(contour)
    if min(long, short) < LEAST_CORE:
        return None
    core = cv2.boxPoints(((center_x, center_y), (long, short), angle))
    if _likelihood(likely, contour, core) < BOX_THRESHOLD:
        return None
    growth = long * short * GROWTH / (long + short)
    if min(long, short) + growth < LEAST_SIDE:
        return None
    grown = cv2.boxPoints(((center_x, center_y), (long + growth, short + growth), angle))
    return _from_top_left(grown.astype(np.float32))


def _likelihood(likely: TextMap, contour: cv2.typing.MatLike, core: cv2.typing.MatLike) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [(core - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(likely.part(top, left, height, width), inside)[0])


def _from_top_left(corners: Corners) -> Corners:
    """The corners clockwise, the upper one of the two leftmost first."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.stack([left[0], right[0], right[1], left[1]])


def _placed(corners: Corners, scale: tuple[float, float], width: int, height: int) -> Corners:
    placed = corners * np.array(scale, np.float32)
    np.clip(placed, 0, np.array([width - 1, height - 1], np.float32), out=placed)
    return placed
