"""sRGB (IEC 61966-2-1): 8-bit levels to linear light and back, and the hexadecimal form of a colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BLACK, WHITE = "#000000", "#ffffff"

# Every entry is a multiple of 2**-30. A sum of up to 2**23 of them is then exact in float64, so a mean
# does not depend on the order of the pixels nor on how a machine's library adds.
_GRID = 2.0**30

# Up to these the curve is a straight line (IEC 61966-2-1, amendment 1).
_STRAIGHT_LEVEL, _STRAIGHT_LIGHT = 0.04045, 0.0031308


def _linear_table() -> NDArray[np.float64]:
    level = np.arange(256) / 255
    light = np.where(level <= _STRAIGHT_LEVEL, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    table = np.rint(light * _GRID) / _GRID
    table.setflags(write=False)
    return table


LINEAR: NDArray[np.float64] = _linear_table()
"""Shape (256,): linear light, 0.0 to 1.0, of each 8-bit sRGB level (rounded to 2**-30)."""


def encode(light: float) -> int:
    """The 8-bit sRGB level, 0 to 255, nearest to linear light; light outside 0.0 to 1.0 is clipped."""
    clipped = min(max(light, 0.0), 1.0)
    value = clipped * 12.92 if clipped <= _STRAIGHT_LIGHT else 1.055 * clipped ** (1 / 2.4) - 0.055
    return int(value * 255 + 0.5)


def hexadecimal(light: Sequence[float] | NDArray[np.float64]) -> str:
    """``#rrggbb`` of a colour given as linear red, green and blue, each 0.0 to 1.0."""
    red, green, blue = (encode(float(channel)) for channel in light)
    return f"#{red:02x}{green:02x}{blue:02x}"


def relative_luminance(color: str) -> float:
    """Relative luminance, 0.0 to 1.0, of ``#rrggbb`` (WCAG 2.2, "relative luminance"; Rec. 709 primaries)."""
    red, green, blue = (float(LINEAR[level]) for level in bytes.fromhex(color[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
