"""The 64-bit DCT hash: images that look alike differ in few bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from offing.insights.engine.pixels import Pixels

_SIDE, _KEPT = 32, 8
_MIDDLE = _KEPT * _KEPT // 2

# The coefficients reach a million; their float noise stays under a billionth. Rounded, those which are
# equal in exact arithmetic compare as equal on every machine.
_DECIMALS = 6


def _basis() -> NDArray[np.float64]:
    frequency, place = np.ogrid[:_KEPT, :_SIDE]
    return np.asarray(2 * np.cos(np.pi * frequency * (2 * place + 1) / (2 * _SIDE)))


_BASIS = _basis()


def phash(pixels: Pixels) -> str:
    """Perceptual hash as 16 hexadecimal digits; compare two by the number of bits that differ.

    The image becomes gray (Rec. 601, as Pillow converts) and 32 x 32 (Lanczos); of its two-dimensional
    DCT-II the 8 x 8 lowest frequencies are kept, the constant one too, and a bit is set where a coefficient
    is larger than their median; rows from the top, the first bit the most significant. Equal to ImageHash's
    ``phash`` with its defaults, except where coefficients tie with the median (flat, striped or symmetric
    images): there ImageHash's bits are float noise and these are not set.

    Source: C. Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010).
    """
    image = pixels.image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    coefficients = np.round(_BASIS @ np.asarray(image, dtype=np.float64) @ _BASIS.T, _DECIMALS)
    # By hand: np.median loads numpy.ma, a tenth of what a worker process loads.
    ordered = np.sort(coefficients, axis=None)
    median = (ordered[_MIDDLE - 1] + ordered[_MIDDLE]) / 2
    bits = coefficients > median
    return np.packbits(bits).tobytes().hex()
