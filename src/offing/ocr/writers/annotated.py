"""The page's image with the lines that were read drawn over it, numbered in reading order."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from offing.ocr.engine.page import Page
from offing.ocr.writers.writer import PageImage, Writer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLOURS = ((214, 39, 40), (31, 119, 180), (44, 160, 44), (148, 103, 189), (230, 120, 0), (0, 140, 150))
"""RGB, one a block, in turn."""


class AnnotatedWriter(Writer):
    """A PNG of one page as displayed: a frame around each line, the number at the line's beginning."""

    def __init__(self) -> None:
        self._pages = 0

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """The PNG. A second page raises ``ValueError``: a PNG has one."""
        if image is None:
            raise ValueError("an annotated image needs the page's image, and none is given")
        self._pages += 1
        if self._pages > 1:
            raise ValueError("a PNG has one page")
        return _encoded(annotated(page, image.pixels))


def annotated(page: Page, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy of the pixels, RGB (height, width, 3), with frames and numbers drawn over them."""
    import cv2
    import numpy as np

    canvas = np.array(pixels, dtype=np.uint8, order="C")
    thickness = max(1, round(max(page.width, page.height) / 800))
    number = 0
    for block, colour in zip(page.blocks, cycle(_COLOURS), strict=False):
        for line in block.lines:
            number += 1
            corners = np.rint(np.clip(line.bbox, -1e4, 1e5)).astype(np.int32)
            cv2.polylines(canvas, [corners], isClosed=True, color=colour, thickness=thickness)
            _label(canvas, str(number), line.bbox[0], colour)
    return canvas


def _label(
    canvas: NDArray[np.uint8], text: str, at: tuple[float, float], colour: tuple[int, int, int]
) -> None:
    """White figures on the block's colour, left of ``at``, moved inside the image where they are outside."""
    import cv2

    height, width = canvas.shape[:2]
    size = min(max(max(width, height) / 2000, 0.45), 2.0)
    weight = max(1, round(size))
    (wide, high), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, weight)
    x = min(max(int(at[0]) - wide, 0), max(width - wide, 0))
    y = min(max(int(at[1]) + high, high + below), height)
    cv2.rectangle(canvas, (x, y - high - below), (x + wide, y), colour, cv2.FILLED)
    cv2.putText(
        canvas, text, (x, y - below), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), weight, cv2.LINE_AA
    )


def _encoded(pixels: NDArray[np.uint8]) -> bytes:
    import cv2

    return cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()
