"""Detection: a map of where text is (DB, Liao et al. 2020, "Real-time Scene Text Detection")."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from offing.ocr.engine.boxes import TextMap, boxes_of
from offing.ocr.engine.crops import Corners, Pixels, size
from offing.ocr.engine.runtime import Network, Tensor

STEP = 32
"""Networks halve the image five times."""
LEAST_SIDE = 160
"""Smaller pages are enlarged."""
GLANCE, GLANCED = 0.75, 320_000
"""Small pages, of at most so many pixels, are first looked at from further away, in little more than half
the time."""
LEGIBLE = 15.0
"""Pixels that the lowest box has from there at least. Where one is lower, or there is none, print may have
been overlooked that is finer still, and the page is looked at as it is."""


@dataclass(frozen=True)
class Normalisation:
    """How a network wants its pixels: (value / 255 - mean) / deviation, blue, green, red."""

    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    deviation: tuple[float, float, float] = (0.5, 0.5, 0.5)


PLAIN = Normalisation()


class Detector:
    """A detection network."""

    def __init__(self, network: Network, normalisation: Normalisation = PLAIN) -> None:
        self._network, self._normalisation = network, normalisation

    def find(self, pixels: Pixels, *, side_limit: int) -> list[Corners]:
        """The boxes of text on a page, in pixels of the page, in no order."""
        height, width = pixels.shape[:2]
        is_small = height * width <= GLANCED and max(height, width) <= side_limit
        if is_small and min(height, width) >= LEAST_SIDE:
            boxes = self._find(pixels, _stepped(height * GLANCE), _stepped(width * GLANCE))
            if boxes and min(min(size(corners)) for corners in boxes) * GLANCE >= LEGIBLE:
                return boxes
        return self._find(pixels, *seen_size(height, width, side_limit))

    def _find(self, pixels: Pixels, seen_height: int, seen_width: int) -> list[Corners]:
        """The boxes, seen at a size."""
        height, width = pixels.shape[:2]
        tensor = _tensor(pixels, seen_height, seen_width, self._normalisation)
        likely = TextMap(self._network.infer(tensor)[0, 0], self._network.raw_scores)
        return boxes_of(likely, scale=(width / seen_width, height / seen_height), width=width, height=height)


def seen_size(height: int, width: int, side_limit: int) -> tuple[int, int]:
    """The size at which the network sees a page: height and width, multiples of 32 pixels.

    The longer side is at most ``side_limit``; pages of which both sides are short are enlarged, since
    the network misses letters of a few pixels.
    """
    longest, shortest = max(height, width), min(height, width)
    scale = 1.0
    if longest > side_limit:
        scale = side_limit / longest
    elif shortest < LEAST_SIDE:
        scale = min(LEAST_SIDE / shortest, side_limit / longest)
    return _stepped(height * scale), _stepped(width * scale)


def _stepped(length: float) -> int:
    return max(STEP, round(length / STEP) * STEP)


def _tensor(pixels: Pixels, height: int, width: int, how: Normalisation) -> Tensor:
    """The page as the network sees it: (1, 3, height, width)."""
    shrinks_much = height * width * 4 < pixels.shape[0] * pixels.shape[1]
    scaled = cv2.resize(
        pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks_much else cv2.INTER_LINEAR
    )
    tensor = np.empty((1, 3, height, width), np.float32)
    blue_first = cv2.split(scaled)[::-1]  # planes: numbers that lie together are converted twice as fast
    for plane, seen, mean, deviation in zip(tensor[0], blue_first, how.mean, how.deviation, strict=True):
        np.multiply(seen, 1 / (255 * deviation), out=plane)
        np.subtract(plane, mean / deviation, out=plane)
    return tensor
