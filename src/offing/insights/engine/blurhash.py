"""BlurHash: a blurred picture of the image in 28 characters, as a placeholder while it loads."""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.pixels import Pixels
from offing.insights.engine.srgb import encode

ACROSS, DOWN = 4, 3
"""Components in each direction."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

# Lifts what is a tie in exact arithmetic over its float noise: it rounds up on every machine.
_TIE = 1e-9


def blurhash(pixels: Pixels) -> str:
    """BlurHash with 4 x 3 components: 28 characters of base 83, computed from every pixel.

    Source: the algorithm of https://github.com/woltapp/blurhash, Algorithm.md.
    """
    factors = _factors(pixels)
    average, others = factors[0], factors[1:]
    largest = min(max(floor(float(np.abs(others).max()) * 166 - 0.5 + _TIE), 0), 82)
    scale = (largest + 1) / 166
    roots = np.sign(others) * np.sqrt(np.abs(others) / scale)
    levels = np.clip(np.floor(roots * 9 + 9.5 + _TIE), 0, 18).astype(int)
    red, green, blue = (encode(float(channel)) for channel in average)
    size = (ACROSS - 1) + (DOWN - 1) * 9
    head = _base83(size, 1) + _base83(largest, 1) + _base83(red << 16 | green << 8 | blue, 4)
    return head + "".join(_base83(int(value), 2) for value in levels @ (19 * 19, 19, 1))


def _factors(pixels: Pixels) -> NDArray[np.float64]:
    """Shape (12, 3): red, green and blue of each component in linear light, row after row."""
    height, width = pixels.height, pixels.width
    across = np.cos(np.pi / width * np.outer(np.arange(width), np.arange(ACROSS)))
    down = np.cos(np.pi / height * np.outer(np.arange(DOWN), np.arange(height)))
    factors: NDArray[np.float64] = 2 / (height * width) * (down @ (pixels.light @ across))
    factors[:, 0, 0] /= 2
    return factors.reshape(3, ACROSS * DOWN).T


def _base83(value: int, length: int) -> str:
    return "".join(_DIGITS[value // 83**place % 83] for place in reversed(range(length)))
