"""Pictures to measure: any small array, smooth ones like photographs, and the one of the documentation."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

Samples = NDArray[np.uint8]

steady = settings(max_examples=60, deadline=None, derandomize=True)
"""The same examples in every run, and no limit on the time of one: the machine may be busy."""

_SIDES = st.integers(1, 9)
_SHAPES = st.one_of(st.tuples(_SIDES, _SIDES), st.sampled_from([(1, 512), (512, 1), (2, 512), (101, 7)]))


@st.composite
def pictures(draw: st.DrawFn) -> Samples:
    """Shape (H, W, 3) or (H, W): noise, or one to four colours in random places."""
    shape = draw(_SHAPES) + draw(st.sampled_from([(), (3,)]))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    noise = chance.integers(0, 256, shape, dtype=np.uint8)
    if draw(st.booleans()):
        return noise
    colors = chance.integers(0, 256, (draw(st.integers(1, 4)), *shape[2:]), dtype=np.uint8)
    picked: Samples = colors[chance.integers(0, len(colors), shape[:2])]
    return picked


def photograph(seed: int, height: int, width: int) -> Samples:
    """Shape (H, W, 3): large soft patches with a little noise."""
    chance = np.random.default_rng(seed)
    patches = chance.integers(0, 256, (height // 40 + 2, width // 40 + 2, 3), dtype=np.uint8)
    soft = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
    noisy = np.asarray(soft, dtype=np.int16) + chance.integers(-6, 7, (height, width, 3))
    samples: Samples = np.clip(noisy, 0, 255).astype(np.uint8)
    return samples


def flat(color: str, height: int = 4, width: int = 6) -> Samples:
    """Shape (H, W, 3) in one colour, ``#rrggbb``."""
    return np.full((height, width, 3), tuple(bytes.fromhex(color[1:])), dtype=np.uint8)


def gray(*rows: list[int]) -> Samples:
    """Shape (H, W) with these levels."""
    return np.array(rows, dtype=np.uint8)


def evening() -> Samples:
    """Shape (340, 512, 3): a sunset over a hill, in whole-number arithmetic, so the same everywhere."""
    row, column = np.mgrid[:340, :512]
    sky = np.stack([90 + row // 2, 110 + row // 5, 190 - row // 3], axis=2)
    sun = (row - 130) ** 2 + (column - 350) ** 2 < 45**2
    hill = row > 210 + (column - 200) ** 2 // 700
    grain = (row * 7 + column * 13 + row * column % 11) % 9
    sky[sun] = (255, 214, 120)
    sky[hill] = np.stack([30 + grain, 44 + 2 * grain, 36 + grain], axis=2)[hill]
    samples: Samples = np.clip(sky, 0, 255).astype(np.uint8)
    return samples


def waves(height: int, width: int) -> Samples:
    """Shape (H, W, 3): sawtooth and product patterns in whole numbers, with no symmetry."""
    row, column = np.mgrid[:height, :width]
    planes = [column * 5 + row * 3, column * 2 + row * 7 + 40, column * row // 4 + 90]
    return (np.stack(planes, axis=2) % 256).astype(np.uint8)
