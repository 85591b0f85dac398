"""What happens to a page before it is read: it fades, gathers dirt, is laid down askew, is photographed."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Top left, top right, bottom right, bottom left."""
CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def random(name: str) -> np.random.Generator:
    """The random numbers that belong to a name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def faded(image: Image.Image, ink: int, paper: int) -> Image.Image:
    """A gray page whose black becomes ``ink`` and whose white ``paper``."""
    return image.point([ink + (paper - ink) * value // 255 for value in range(256)])


def grainy(image: Image.Image, name: str, amplitude: int) -> Image.Image:
    """Every pixel moved by up to ``amplitude`` levels."""
    values = np.asarray(image).astype(np.int16)
    return _image(values + random(name).integers(-amplitude, amplitude + 1, values.shape))


def speckled(image: Image.Image, name: str, per_million: int, radius: int = 1) -> Image.Image:
    """Specks of dirt, so many in a million pixels."""
    dirt = random(name).integers(0, 1_000_000, (image.height, image.width)) >= per_million
    specks = Image.fromarray(np.where(dirt, 255, 130).astype(np.uint8))
    specks = specks.filter(ImageFilter.MinFilter(2 * radius + 1))
    return _image(np.minimum(np.asarray(image), np.asarray(specks)))


def shaded(image: Image.Image, left: int, right: int) -> Image.Image:
    """Light falling from one side: so many levels added at the left edge, so many at the right."""
    values = np.asarray(image).astype(np.int16)
    light = np.linspace(left, right, image.width).round().astype(np.int16)
    return _image(values + (light if values.ndim == 2 else light[:, None]))


def skewed(image: Image.Image, degrees: float, paper: int) -> Image.Image:
    """The page turned clockwise by some degrees, as large as it then needs to be."""
    return image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The page turned clockwise by 90, 180 or 270 degrees."""
    return image.transpose(CLOCKWISE[degrees])


def cast(onto: Image.Image, page: Image.Image, corners: Corners) -> Image.Image:
    """The page lying on ``onto``, its corners at these places, with a soft shadow under it."""
    coefficients = _perspective(corners, page.size)
    drawn = page.transform(onto.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    sheet = Image.new("L", page.size, 255)
    mask = sheet.transform(onto.size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    shadow = mask.filter(ImageFilter.GaussianBlur(14)).point([255 - value * 2 // 5 for value in range(256)])
    dark = np.asarray(onto).astype(np.uint32) * np.roll(np.asarray(shadow), (9, 7), (0, 1))[:, :, None] // 255
    return Image.composite(drawn.convert("RGB"), Image.fromarray(dark.astype(np.uint8)), mask)


def planks(size: tuple[int, int], name: str) -> Image.Image:
    """A table of dark boards, its grain running upright."""
    width = size[0]
    grain = random(name).integers(0, 256, (5, width // 6), np.uint8)
    fibres = Image.fromarray(grain).resize(size, Image.Resampling.BICUBIC)
    values = np.asarray(fibres).astype(np.int16)[:, :, None] // 14
    wood = values * np.array([3, 2, 1]) // 2 + np.array([84, 58, 40])
    for seam in range(width // 7, width, width // 3):
        wood[:, seam : seam + 3] = wood[:, seam : seam + 3] // 2
    return _image(wood)


def _perspective(corners: Corners, size: tuple[int, int]) -> tuple[float, ...]:
    """The eight coefficients that lead from places in the photograph back to the page."""
    width, height = size
    rows, values = [], []
    page = ((0, 0), (width, 0), (width, height), (0, height))
    for (x, y), (u, v) in zip(corners, page, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return tuple(np.linalg.solve(np.array(rows, float), np.array(values, float)).tolist())


def _image(values: NDArray[np.generic]) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
