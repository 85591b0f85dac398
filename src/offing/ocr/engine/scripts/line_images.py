"""The images of lines, as Tesseract likes them: grey, of one text height, with some paper around."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from offing.ocr.engine.crops import Corners, Pixels, cut

LineImage = NDArray[np.uint8]
"""(height, width), grey."""

HEIGHT, DETECTION_HEIGHT = 36, 44
"""Pixels from a box's top to its bottom. Tesseract's networks see a line some 36 high, and are surest of one
that comes so; its script detection compares shapes, and names a tenth fewer lines of that height."""
MARGIN = 12
"""Pixels of paper on every side: Tesseract misses letters that touch the edge."""
LONGEST = 8_000
"""Pixels; a longer box is no line of text."""


def line_image(pixels: Pixels, corners: Corners, height: int = HEIGHT) -> LineImage:
    """The line in a box of the page, lying; ``height`` in pixels without the margins."""
    return _framed(_scaled(_grey(pixels, corners), height))


def column_image(pixels: Pixels, corners: Corners) -> LineImage:
    """The line in a box of the page, standing: its width becomes what a lying line's height is."""
    return _framed(_scaled(_grey(pixels, corners).T, HEIGHT).T)


def stacked(images: Sequence[LineImage]) -> LineImage:
    """Lines below each other, on paper of the first one's colour."""
    width = max(image.shape[1] for image in images)
    stack = np.full((sum(image.shape[0] for image in images), width), images[0][0, 0], np.uint8)
    top = 0
    for image in images:
        stack[top : top + image.shape[0], : image.shape[1]] = image
        top += image.shape[0]
    return stack


def tiff(images: Sequence[LineImage]) -> bytes:
    """A TIFF of one page an image, not compressed."""
    pages = [Image.fromarray(image) for image in images]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    return file.getvalue()


def _grey(pixels: Pixels, corners: Corners) -> LineImage:
    return cv2.cvtColor(cut(pixels, corners), cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)


def _scaled(grey: LineImage, height: int) -> LineImage:
    scale = height / grey.shape[0]
    width = min(LONGEST, max(1, round(grey.shape[1] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(np.ascontiguousarray(grey), (width, height), interpolation=how)
    return scaled.astype(np.uint8, copy=False)


def _framed(grey: LineImage) -> LineImage:
    paper = int(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    return np.pad(grey, MARGIN, constant_values=paper)
