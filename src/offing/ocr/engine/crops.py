"""Cutting the boxes out of a page."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3), red, green, blue."""
Crop = Pixels
Corners = NDArray[np.float32]
"""(4, 2): x and y of the top left, top right, bottom right and bottom left corner."""
TALL = 1.5
"""A box this many times as high as wide holds text that runs from top to bottom."""
LEVEL = 2.0
"""Pixels by which an edge may descend and still count as level."""


def checked(pixels: Pixels) -> Pixels:
    """The page in one piece of memory, so that no crop copies all of it first.

    Raises ``ValueError`` for anything but (height, width, 3) of uint8, each side at least 1.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:  # noqa: PLR2004  red, green, blue
        raise ValueError(f"a page is (height, width, 3), not {pixels.shape}")
    if pixels.dtype != np.uint8:
        raise ValueError(f"a page is of uint8, not {pixels.dtype}")
    return np.ascontiguousarray(pixels)


def is_tall(corners: Corners) -> bool:
    """Whether a box holds a line that runs from top to bottom."""
    width, height = size(corners)
    return height >= TALL * width


def size(corners: Corners) -> tuple[float, float]:
    """Width and height of a box along its own edges, in pixels."""
    top_left, top_right, bottom_right, bottom_left = corners.tolist()
    width = max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))
    height = max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))
    return width, height


def cut(pixels: Pixels, corners: Corners) -> Crop:
    """The image inside a box; a view of the page where the box is level."""
    return _slice(pixels, corners) if _is_level(corners) else _warp(pixels, corners)


def _is_level(corners: Corners) -> bool:
    descends = abs(corners[0, 1] - corners[1, 1])
    leans = abs(corners[0, 0] - corners[3, 0])
    return bool(descends < LEVEL and leans < LEVEL)


def _slice(pixels: Pixels, corners: Corners) -> Crop:
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    return pixels[max(0, top) : bottom, max(0, left) : right]


def _warp(pixels: Pixels, corners: Corners) -> Crop:
    width, height = (max(1, int(each)) for each in size(corners))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(corners, target)
    warped: Crop = cv2.warpPerspective(  # type: ignore[assignment]  # as deep as what is given
        pixels, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return warped
