"""Oklab, a space in which distances follow what people see, with a lightness that resolves like CIE L*.

Source: B. Ottosson, "A perceptual color space for image processing" (2020), and the lightness estimate Lr of
"Okhsv and Okhsl" (2021), without which the steps between nearly black colours count several times too much.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CONES = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_OPPONENTS = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip
_K1, _K2 = 0.206, 0.03
_K3 = (1 + _K1) / (1 + _K2)


def oklab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lightness Lr (0.0 to 1.0), a and b (about -0.3 to 0.3) of linear RGB; both of shape (N, 3)."""
    lab: NDArray[np.float64] = np.cbrt(light @ _CONES.T) @ _OPPONENTS.T
    scaled = _K3 * lab[:, 0]
    lab[:, 0] = (scaled - _K1 + np.sqrt((scaled - _K1) ** 2 + 4 * _K2 * scaled)) / 2
    return lab
