"""Pictures that have what photographs have: soft light, hard edges, small detail, grain."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from tests.insights.images import Size, random, scene

GRAIN = 14
SHAPES = 40


@lru_cache(maxsize=4)
def photograph(name: str, size: Size) -> Image.Image:
    """An RGB picture; the same one for the same name and size."""
    image = scene(name, size)
    numbers = random(f"{name} shapes")
    draw = ImageDraw.Draw(image)
    for _ in range(SHAPES):
        left, top = numbers.uniform(-0.1, 1, 2) * size
        width, height = numbers.uniform(0.02, 0.25, 2) * size
        colour = tuple(map(int, numbers.integers(0, 256, 3)))
        shape = draw.ellipse if numbers.integers(2) else draw.rectangle
        shape((left, top, left + width, top + height), fill=colour)
    width, height = size
    grain = numbers.integers(-GRAIN, GRAIN + 1, (height, width, 1), np.int16)
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
