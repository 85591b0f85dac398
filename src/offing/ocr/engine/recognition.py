"""Recognition: images of lines in, text out.

Lines are scaled to the network's height and padded to one of few widths, so that the runtime meets few
shapes and its memory stays flat. Narrow lines of a width go in together: alone they would pay more for
the start of a call than for their pixels.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

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
HALFWAY = [math.sqrt(less * more) for less, more in pairwise(WIDTHS)]
NARROW, TOGETHER = 192, 4
SQUEEZE = 0.93
"""Lines are read at this share of their width: as well as at all of it (at .87 word-F1 begins to fall), and
in less time."""
FIRST_SQUEEZE, FEW = 0.75, 4500
"""The long lines of a page with so few columns of pixels are first read at a smaller share. Nothing is lost
by that where letters are as wide as usual; lines where they turn out to be narrow, or which hold a word that
is not sure, are read again. On large pages that is a fourth of the lines, all that the first look spares."""
LETTER = 10.0
"""Columns of pixels that a character takes up on average in lines that need no second look. Were the 26
complex pages read like this, word-F1 would be .975 instead of .977; that of the simple ones is the same."""
SURE = 0.9
FITTED = 320
"""Widths from here on lie so close together that a line is scaled to the nearest one, by a sixteenth at the
most, rather than padded to the next; padding is read, too."""


class Recognizer:
    """A recognition network with its alphabet."""

    def __init__(self, network: Network, model: RecognitionModel, name: str) -> None:
        self._network, self._characters, self._name = network, model.characters, name
        self._height, self._reads_narrow = model.height, model.reads_narrow
        self._alphabet: Alphabet | None = None

    def is_brief(self, crops: Sequence[Crop]) -> bool:
        """Whether a page has so few lines that their first look may be a narrower one."""
        return self._reads_narrow and sum(self.columns(crop) for crop in crops) <= FEW

    def columns(self, crop: Crop, *, brief: bool = False) -> int:
        """How many columns of pixels the network reads of a line's image."""
        return _padded(crop, self._height, _squeeze(crop, self._height, brief=brief))

    def groups(self, crops: Sequence[Crop], *, brief: bool = False) -> list[list[int]]:
        """Which lines are recognised in one call: places in ``crops``, widest first.

        The widest come first so that the last threads to finish have little left to do.
        """
        by_width: dict[int, list[int]] = {}
        for place, crop in enumerate(crops):
            by_width.setdefault(self.columns(crop, brief=brief), []).append(place)
        groups = []
        for width in sorted(by_width, reverse=True):
            size = TOGETHER if width <= NARROW else 1
            places = by_width[width]
            groups += [places[start : start + size] for start in range(0, len(places), size)]
        return groups

    def read(self, crops: Sequence[Crop], *, brief: bool = False) -> list[Recognised]:
        """Recognise lines of one padded width; of a brief page, those that are not clear once more."""
        squeezes = [_squeeze(crop, self._height, brief=brief) for crop in crops]
        found = self._read(crops, squeezes)
        return [
            each if squeeze == SQUEEZE or self._is_clear(each, crop) else self._read([crop], [SQUEEZE])[0]
            for crop, squeeze, each in zip(crops, squeezes, found, strict=True)
        ]

    def _is_clear(self, found: Recognised, crop: Crop) -> bool:
        is_wide = len(found.text) * LETTER <= _width(crop, self._height, FIRST_SQUEEZE)
        return bool(found.text) and is_wide and all(word.confidence >= SURE for word in found.spans)

    def _read(self, crops: Sequence[Crop], squeezes: Sequence[float]) -> list[Recognised]:
        columns = _padded(crops[0], self._height, squeezes[0])
        tensor = np.zeros((len(crops), 3, self._height, columns), np.float32)
        used = list(map(_fill, tensor, crops, squeezes))
        scores = self._network.infer(tensor)
        alphabet = self._alphabet = self._alphabet or Alphabet(self._characters, scores.shape[2])
        found = (
            decode(each, alphabet, raw=self._network.raw_scores, used=share)
            for each, share in zip(scores, used, strict=True)
        )
        return [Recognised(each.text, each.confidence, each.spans, self._name) for each in found]


def _squeeze(crop: Crop, height: int, *, brief: bool) -> float:
    """The share of its width at which a line is read first. Short ones gain little by a smaller one."""
    return FIRST_SQUEEZE if brief and _width(crop, height, SQUEEZE) >= FITTED else SQUEEZE


def _width(crop: Crop, height: int, squeeze: float) -> int:
    """The width to which a line is scaled at a height; a very long one is squeezed further."""
    scaled: float = squeeze * height * crop.shape[1] / max(1, crop.shape[0])
    if scaled < FITTED:
        return max(height, math.ceil(scaled))
    return WIDTHS[bisect_left(HALFWAY, scaled)]


def _padded(crop: Crop, height: int, squeeze: float) -> int:
    return WIDTHS[bisect_left(WIDTHS, _width(crop, height, squeeze))]


def _fill(target: Tensor, crop: Crop, squeeze: float) -> float:
    """Put a line, scaled to -1 … 1 in the order blue, green, red, at the left of its place.

    Returns the share of the width that it takes.
    """
    height, padded = target.shape[1:]
    width = _width(crop, height, squeeze)
    scaled = cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR)
    for plane, seen in zip(target[:, :, :width], cv2.split(scaled)[::-1], strict=True):
        np.multiply(seen, 1 / 127.5, out=plane)
        np.subtract(plane, 1, out=plane)
    return float(width / padded)
