"""How much the luma varies: over the whole image, from pixel to pixel, and along edges.

All sums are of integers, so that a result is the same on every machine and for every mirroring or quarter
turn of the image. At the border the image is mirrored about its outermost pixels (``dcb|abcd|cba``), so
that a border is not an edge; a side of one pixel repeats it.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.pixels import Pixels

UNIT = 10_000
"""Parts of one luma level in :attr:`Pixels.luma`."""

EDGE_THRESHOLD = 100
"""Sobel gradient magnitude, in levels, from which a pixel counts as edge: a straight step of 25 levels."""


def contrast(pixels: Pixels) -> float:
    """RMS contrast: the standard deviation of luma / 255; 0.0 to 0.5, rounded to 4 decimals.

    Source: E. Peli, "Contrast in complex images", J. Opt. Soc. Am. A 7 (1990).
    """
    return round(sqrt(_variance(pixels.luma)) / (255 * UNIT), 4)


def sharpness(pixels: Pixels) -> float:
    """Variance of the 4-neighbour Laplacian of luma (0 to 255); 0.0 to 1,040,400.0, to 2 decimals.

    Source: J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000 (LAPV).
    """
    padded = _mirrored(pixels.luma)
    laplacian = padded[:-2, 1:-1] + padded[2:, 1:-1]
    laplacian += padded[1:-1, :-2]
    laplacian += padded[1:-1, 2:]
    laplacian -= 4 * pixels.luma
    return round(_variance(laplacian) / UNIT**2, 2)


def edge_density(pixels: Pixels) -> float:
    """Share of pixels with a Sobel gradient magnitude of at least :data:`EDGE_THRESHOLD`; to 4 decimals.

    The 3x3 kernels have the weights 1, 2, 1 and are not normalised; the magnitude is Euclidean.
    Source: I. Sobel and G. Feldman (1968); R. Duda and P. Hart, "Pattern Classification and Scene
    Analysis" (1973), p. 271.
    """
    padded = _mirrored(pixels.luma)
    across = padded[:, 2:] - padded[:, :-2]
    down = padded[2:] - padded[:-2]
    squared = _squared(across[:-2] + 2 * across[1:-1] + across[2:])
    squared += _squared(down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:])
    edges = int(np.count_nonzero(squared >= (EDGE_THRESHOLD * UNIT) ** 2))
    return round(edges / squared.size, 4)


def _mirrored(luma: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.pad(luma, 1, mode="reflect")


def _squared(values: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.multiply(values, values, dtype=np.int64)


def _variance(values: NDArray[np.int32]) -> float:
    # Row by row in int64 and from there in Python's integers: nothing can overflow or round.
    wide = values.astype(np.int64)
    squares: int = sum(np.einsum("ij,ij->i", wide, wide).tolist())
    return (squares * wide.size - int(wide.sum()) ** 2) / wide.size**2
