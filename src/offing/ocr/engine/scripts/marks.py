"""Signs above and below letters that detection took for lines of their own.

Indic and Southeast Asian letters carry signs far from their line; a box of its own holds such a sign, and
the line's box lacks it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.crops import Corners

SMALL = 0.65
"""Share of the line's height that a sign's box does not reach."""
NEAR = 0.35
"""Heights of the line by which a sign's middle may lie outside the line's box."""


def marks(quads: Sequence[Corners], lines: Sequence[int]) -> dict[int, int]:
    """The boxes that hold but a sign, each with the one of ``lines`` it belongs to."""
    if not lines:
        return {}
    boxes = _bounds(quads)
    found = {}
    for place in range(len(boxes)):
        owners = [line for line in lines if line != place and _belongs(boxes[place], boxes[line])]
        if owners:
            found[place] = max(owners, key=lambda line: float(boxes[line][2] - boxes[line][0]))
    return found


def grown(corners: Corners, signs: Sequence[Corners]) -> Corners:
    """A line's box, higher where that takes in its signs."""
    if not signs:
        return corners
    ys = np.concatenate(list(signs))[:, 1]
    above = max(0.0, float(corners[:2, 1].min() - ys.min()))
    below = max(0.0, float(ys.max() - corners[2:, 1].max()))
    return corners + np.array([[0, -above], [0, -above], [0, below], [0, below]], np.float32)


def _bounds(quads: Sequence[Corners]) -> list[NDArray[np.float32]]:
    """Left, top, right and bottom of each box."""
    return [np.concatenate([corners.min(axis=0), corners.max(axis=0)]) for corners in quads]


def _belongs(sign: NDArray[np.float32], line: NDArray[np.float32]) -> bool:
    height = line[3] - line[1]
    if max(sign[2] - sign[0], sign[3] - sign[1]) > SMALL * height:
        return False
    middle = (sign[1] + sign[3]) / 2
    beside = sign[0] >= line[0] and sign[2] <= line[2]
    return bool(beside and line[1] - NEAR * height <= middle <= line[3] + NEAR * height)
