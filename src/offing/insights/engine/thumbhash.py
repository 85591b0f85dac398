"""ThumbHash: a blurred picture of the image in about 24 bytes that keeps its aspect ratio.

Source: E. Wallace, ThumbHash (2023), https://github.com/evanw/thumbhash, for opaque images.
"""

from __future__ import annotations

from base64 import b64encode
from math import floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from offing.insights.engine.pixels import Pixels

LARGEST_SIDE = 100
"""The algorithm takes no larger images; larger ones are averaged down to it."""

_LIMIT = 7
"""Luma components along the longer side of an opaque image."""

# Lifts what is a tie in exact arithmetic over its float noise: it rounds up on every machine.
_TIE = 1e-9


class _Channel(NamedTuple):
    constant: float
    scale: float
    parts: list[float]
    """The other coefficients, from 0.0 to 1.0."""


def thumbhash(pixels: Pixels) -> str:
    """ThumbHash in base64 (RFC 4648, section 4; with padding) of 17 to 24 bytes."""
    red, green, blue = _reduced(pixels)
    height, width = red.shape
    longest = max(height, width)
    across, down = (max(1, (2 * _LIMIT * side + longest) // (2 * longest)) for side in (width, height))
    lightness = _encode((red + green + blue) / 3, max(3, across), max(3, down))
    yellow = _encode((red + green) / 2 - blue, 3, 3)
    reddish = _encode(red - green, 3, 3)

    landscape = width > height
    head = (
        _round(63 * lightness.constant)
        | _round(31.5 + 31.5 * yellow.constant) << 6
        | _round(31.5 + 31.5 * reddish.constant) << 12
        | _round(31 * lightness.scale) << 18
    )
    tail = (
        (down if landscape else across)
        | _round(63 * yellow.scale) << 3
        | _round(63 * reddish.scale) << 9
        | landscape << 15
    )
    nibbles = [_round(15 * part) for channel in (lightness, yellow, reddish) for part in channel.parts]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return b64encode(head.to_bytes(3, "little") + tail.to_bytes(2, "little") + packed).decode()


def _reduced(pixels: Pixels) -> NDArray[np.float64]:
    """Shape (3, h, w) with h and w at most 100: the planes as 0.0 to 1.0, by box averages of sRGB levels."""
    longest = max(pixels.width, pixels.height)
    samples = pixels.rgb
    if longest > LARGEST_SIDE:
        width, height = (
            max(1, (2 * side * LARGEST_SIDE + longest) // (2 * longest))
            for side in (pixels.width, pixels.height)
        )
        image = pixels.image.resize((width, height), Image.Resampling.BOX)
        samples = Pixels(np.asarray(image)).rgb
    return samples.transpose(2, 0, 1) / 255


def _encode(channel: NDArray[np.float64], across: int, down: int) -> _Channel:
    """The low frequencies (a triangle of ``across`` x ``down``) of the DCT of one channel."""
    height, width = channel.shape
    horizontal = np.cos(np.pi / width * np.outer(np.arange(width) + 0.5, np.arange(across)))
    vertical = np.cos(np.pi / height * np.outer(np.arange(down), np.arange(height) + 0.5))
    coefficients = vertical @ channel @ horizontal / channel.size
    row, column = np.ogrid[:down, :across]
    kept = coefficients[column * down < across * (down - row)]
    scale = float(np.abs(kept[1:]).max())
    # Of a flat channel all but the constant is float noise, which must not be scaled up to a pattern.
    parts = 0.5 + 0.5 / scale * kept[1:] if scale > _TIE else np.zeros(len(kept) - 1)
    return _Channel(float(kept[0]), scale if scale > _TIE else 0.0, parts.tolist())


def _round(value: float) -> int:
    """To the nearest whole number, halves up."""
    return floor(value + 0.5 + _TIE)
