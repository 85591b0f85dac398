"""The image's colour as a whole: how colourful, which on average, light or dark, what text reads on it."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import TextColor
from offing.insights.engine.srgb import BLACK, WHITE, hexadecimal, relative_luminance

FLARE = 0.05
"""What WCAG adds to each relative luminance: light that a screen reflects."""

LIGHT_ABOVE = sqrt((1 + FLARE) * FLARE) - FLARE
"""Relative luminance (0.1791) on which black and white text contrast equally."""

AA, AAA = 4.5, 7.0
"""Least contrast ratio for normal text (WCAG 2.2, success criteria 1.4.3 and 1.4.6)."""


def colorfulness(pixels: Pixels) -> float:
    """Colourfulness M3 = sigma + 0.3 mu of the opponent axes R - G and (R + G) / 2 - B; to 2 decimals.

    0.0 for every gray image; the paper calls 15 slightly, 33 moderately, 59 quite and 109 extremely
    colourful. Source: D. Hasler and S. Süsstrunk, "Measuring colourfulness in natural images", SPIE 5007
    (2003).
    """
    if pixels.gray is not None:
        return 0.0
    red, green, blue = (pixels.rgb[..., channel].astype(np.int16) for channel in range(3))
    red_green, red_green_variance = _moments(red - green)
    # Doubled to stay in whole numbers.
    yellow_blue, yellow_blue_variance = _moments(red + green - 2 * blue)
    spread = sqrt(red_green_variance + yellow_blue_variance / 4)
    return round(spread + 0.3 * hypot(red_green, yellow_blue / 2), 2)


def average_color(pixels: Pixels) -> str:
    """The mean colour in linear light, as ``#rrggbb``: what the image looks like out of focus."""
    return hexadecimal(pixels.light.mean(axis=(1, 2)))


def tone(pixels: Pixels) -> Literal["light", "dark"]:
    """``light`` where black text reads better on the average colour than white text, else ``dark``."""
    return "light" if relative_luminance(pixels.once(average_color)) > LIGHT_ABOVE else "dark"


def text_color(pixels: Pixels) -> TextColor:
    """Black or white, whichever has the larger WCAG contrast ratio on :func:`average_color`.

    Source: WCAG 2.2, "contrast ratio", (L1 + 0.05) / (L2 + 0.05) of the relative luminances. The ratio is
    of the 8-bit colour that :func:`average_color` gives, so any checker that is given it agrees.
    """
    background = relative_luminance(pixels.once(average_color)) + FLARE
    on_black, on_white = background / FLARE, (1 + FLARE) / background
    ratio = max(on_black, on_white)
    color = BLACK if on_black > on_white else WHITE
    return TextColor(color, round(ratio, 2), aa=ratio >= AA, aaa=ratio >= AAA)


def _moments(values: NDArray[np.int16]) -> tuple[float, float]:
    """Mean and variance, from exact sums: products stay under 2**21, their sums under 2**53."""
    wide = values.ravel().astype(np.float64)
    total, squares = float(wide.sum()), float(np.einsum("i,i", wide, wide))
    return total / wide.size, (squares * wide.size - total**2) / wide.size**2
