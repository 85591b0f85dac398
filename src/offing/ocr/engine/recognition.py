"""Recognition: images of lines in, text out.

Lines are scaled to the network's height and padded to one of few widths, so that the runtime meets few
shapes and its memory stays flat. Narrow lines of a width go in together: alone they would pay more for
the start of a call than for their pixels.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

import cv2
import numpy as np

from offing.ocr.engine.crops import Crop
from offing.ocr.engine.ctc import Alphabet, decode
from offing.ocr.engine.models import RecognitionModel
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.runtime import Network, Tensor

HEIGHT = 48
"""The height that the networks of PP-OCRv3 and later were trained at."""
WIDTHS: tuple[int, ...] = (
    64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 432, 480, 528, 592, 656,
    736, 816, 912, 1008, 1120, 1248, 1392, 1552, 1728, 1920, 2144, 2400, 2688, 3200,
)  # fmt: skip
"""A tenth apart: each costs 10 MB, as the runtime keeps the weights in an order of their own for it."""
NARROW, TOGETHER = 192, 4
SQUEEZE = 0.93
"""Lines are read at this share of their width: as well as at all of it (at .87 word-F1 begins to fall), and
in less time."""
FITTED = 320
"""Widths from here on lie so close together that a line is scaled to the nearest one, by a sixteenth at the
most, rather than padded to the next; padding is read, too."""


class Recognizer:
    """A recognition network with its alphabet."""

    def __init__(self, network: Network, model: RecognitionModel, name: str) -> None:
        self._network, self._characters, self._name = network, model.characters, name
        self._height = model.height
        self._alphabet: Alphabet | None = None

    def columns(self, crop: Crop) -> int:
        """How many columns of pixels the network reads of a line's image."""
        return _padded(crop, self._height)

    def groups(self, crops: Sequence[Crop]) -> list[list[int]]:
        """Which lines are recognised in one call: places in ``crops``, widest first.

        The widest come first so that the last threads to finish have little left to do.
        """
        by_width: dict[int, list[int]] = {}
        for place, crop in enumerate(crops):
            by_width.setdefault(_padded(crop, self._height), []).append(place)
        groups = []
        for width in sorted(by_width, reverse=True):
            size = TOGETHER if width <= NARROW else 1
            places = by_width[width]
            groups += [places[start : start + size] for start in range(0, len(places), size)]
        return groups

    def read(self, crops: Sequence[Crop]) -> list[Recognised]:
        """Recognise lines of one padded width."""
        tensor = np.zeros((len(crops), 3, self._height, _padded(crops[0], self._height)), np.float32)
        used = [_fill(tensor[number], crop) for number, crop in enumerate(crops)]
        scores = self._network.infer(tensor)
        alphabet = self._alphabet = self._alphabet or Alphabet(self._characters, scores.shape[2])
        found = (
            decode(each, alphabet, raw=self._network.raw_scores, used=share)
            for each, share in zip(scores, used, strict=True)
        )
        return [Recognised(each.text, each.confidence, each.spans, self._name) for each in found]


def _width(crop: Crop, height: int) -> int:
    """The width to which a line is scaled at a height; a very long one is squeezed further."""
    scaled: float = SQUEEZE * height * crop.shape[1] / max(1, crop.shape[0])
    if scaled < FITTED:
        return max(height, math.ceil(scaled))
    nearest: int = min(WIDTHS, key=lambda width: max(width / scaled, scaled / width))
    return nearest


def _padded(crop: Crop, height: int) -> int:
    return WIDTHS[bisect_left(WIDTHS, _width(crop, height))]


def _fill(target: Tensor, crop: Crop) -> float:
    """Put a line, scaled to -1 … 1 in the order blue, green, red, at the left of its place.

    Returns the share of the width that it takes.
    """
    height, padded = target.shape[1:]
    width = _width(crop, height)
    scaled = cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR)
    for plane, seen in zip(target[:, :, :width], cv2.split(scaled)[::-1], strict=True):
        np.multiply(seen, 1 / 127.5, out=plane)
        np.subtract(plane, 1, out=plane)
    return float(width / padded)
