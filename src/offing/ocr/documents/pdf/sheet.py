"""A page as a sheet of pixels: how many, and where a point of the page lies on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.problems import TooManyPixels

POINTS_AN_INCH = 72.0
LEAST_SIDE = 1600
"""Pixels of the longest side below which a small page, a card or a label, is rendered finer."""
LEAST_DPI = 50.0
"""Below it nothing that was meant for paper can be read."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points, y upwards (PDF 1.7, section 8.3.2.3)."""


@dataclass(frozen=True)
class Sheet:
    """A page's size in pixels. ``rotation`` counts the quarter turns clockwise of ``/Rotate``."""

    box: Box
    rotation: int
    dpi: float
    width: int
    height: int

    def place(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Boxes of points, shape (N, 4), as left, top, right and bottom in pixels of the sheet."""
        left, bottom, right, top = self.box
        x0, y0, x1, y1 = boxes.T
        across = self.width / ((top - bottom) if self.rotation % 2 else (right - left))
        down = self.height / ((right - left) if self.rotation % 2 else (top - bottom))
        match self.rotation:
            case 0:
                sides = (x0 - left, top - y1, x1 - left, top - y0)
            case 1:
                sides = (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
            case 2:
                sides = (right - x1, y0 - bottom, right - x0, y1 - bottom)
            case _:
                sides = (top - y1, right - x1, top - y0, right - x0)
        placed: NDArray[np.float64] = np.stack(sides, axis=1) * (across, down, across, down)
        return placed


def sheet_of(box: Box, rotation: int, limits: DocumentLimits, scan_dpi: float = 0.0) -> Sheet:
    """The sheet for a page of so many points.

    A small page is rendered finer, up to twice; a page that is one coarser scan not finer than it was
    scanned (``scan_dpi``); a poster as coarsely as the limit of pixels asks for. Raises TooManyPixels
    where that would leave nothing to read.
    """
    sides = box[2] - box[0], box[3] - box[1]
    wide, high = (side / POINTS_AN_INCH for side in (sides[::-1] if rotation % 2 else sides))
    dpi = float(limits.dpi)
    dpi = max(dpi, min(2 * dpi, LEAST_SIDE / max(wide, high)))
    if scan_dpi:
        dpi = min(dpi, scan_dpi)
    if wide * high * dpi * dpi > limits.max_pixels:
        fitting = math.sqrt(limits.max_pixels / (wide * high)) * 0.999  # the sides are rounded
        if fitting < LEAST_DPI:
            received = min(int(wide * high * dpi * dpi), 2**53)
            raise TooManyPixels(max_pixels=limits.max_pixels, received_pixels=received)
        dpi = fitting
    return Sheet(box, rotation, round(dpi, 2), max(1, round(wide * dpi)), max(1, round(high * dpi)))
