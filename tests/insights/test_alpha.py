"""``alpha``: what shows through transparent pixels, against a composition in plain numpy."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from offing.insights import Alpha, Limits, Options, analyze
from tests.hostile import png_writer as png
from tests.insights import oracle
from tests.insights.images import Size, noise, random, saved

Samples = NDArray[np.uint8]
BACKGROUNDS: tuple[Alpha, ...] = ("white", "black", "checker")
SMALL, BANDED = (61, 43), (1501, 700)
"""The second has more than a million pixels, so that it is taken in bands that two threads share."""
SQUARE, DARK, LIGHT = 8, 153, 204


def background(kind: Alpha, size: Size) -> Samples:
    """Height x width x 3; the checker's first square, top left, is the light one."""
    width, height = size
    if kind != "checker":
        return np.full((height, width, 3), 255 if kind == "white" else 0, np.uint8)
    rows, columns = np.indices((height, width)) // SQUARE
    gray = np.where((rows + columns) % 2 == 0, LIGHT, DARK).astype(np.uint8)
    return np.repeat(gray[:, :, None], 3, axis=2)


def composed(colours: Samples, opacity: Samples, kind: Alpha) -> Image.Image:
    """Source over an opaque background, each channel to the nearest whole level."""
    height, width = opacity.shape
    share = opacity.astype(np.float64)[:, :, None] / 255
    mixed = colours * share + background(kind, (width, height)) * (1 - share)
    return Image.fromarray(np.rint(mixed).astype(np.uint8))


def numbers(data: bytes, alpha: Alpha, threads: int = 2) -> dict[str, Any]:
    options = Options(metrics=oracle.METRICS, edge_mode="all", alpha=alpha)
    fields: dict[str, Any] = msgspec.to_builtins(analyze(data, options, Limits(threads=threads)))
    return fields


def expected(image: Image.Image) -> dict[str, Any]:
    return oracle.answer(image, oracle.luminance(oracle.resized(image)), oracle.METRICS, "all")


def rgba(size: Size) -> tuple[bytes, Samples, Samples]:
    values = noise("rgba", size, 4)
    return png.encode(values, 8, png.RGBA), values[:, :, :3], values[:, :, 3]


def rgba_of_16_bits(size: Size) -> tuple[bytes, Samples, Samples]:
    values = random("rgba16").integers(0, 65536, (size[1], size[0], 4), np.uint16)
    high = (values >> 8).astype(np.uint8)
    return png.encode(values, 16, png.RGBA), high[:, :, :3], high[:, :, 3]


def gray_alpha(size: Size) -> tuple[bytes, Samples, Samples]:
    values = noise("la", size, 2)
    return png.encode(values, 8, png.GRAY_ALPHA), np.repeat(values[:, :, :1], 3, axis=2), values[:, :, 1]


def palette(size: Size) -> tuple[bytes, Samples, Samples]:
    """Every index has a colour and an alpha of its own, but the last hundred, which are opaque."""
    indices, colours = noise("p", size, 1)[:, :, 0], noise("p colours", (256, 1))[0]
    alphas = np.append(noise("p alphas", (156, 1), 1).ravel(), np.full(100, 255, np.uint8))
    extra = png.chunk(b"PLTE", colours.tobytes()) + png.chunk(b"tRNS", alphas[:156].tobytes())
    return png.encode(indices[:, :, None], 8, png.PALETTE, extra=extra), colours[indices], alphas[indices]


def rgb_with_a_transparent_colour(size: Size, depth: int = 8) -> tuple[bytes, Samples, Samples]:
    values = random(f"rgb{depth}").choice(np.array([1, 200, 255], np.uint16), (size[1], size[0], 3))
    named = (1, 200, 255)
    if depth == 16:
        values, named = values * 257, (257, 51400, 65535)
    opacity = np.where((values == named).all(axis=2), 0, 255).astype(np.uint8)
    data = png.encode(values, depth, png.RGB, extra=png.chunk(b"tRNS", struct.pack(">HHH", *named)))
    return data, (values >> (depth - 8)).astype(np.uint8), opacity


def rgb_of_16_bits_with_a_transparent_colour(size: Size) -> tuple[bytes, Samples, Samples]:
    return rgb_with_a_transparent_colour(size, 16)


def gray_with_a_transparent_level(depth: int) -> Callable[[Size], tuple[bytes, Samples, Samples]]:
    def make(size: Size) -> tuple[bytes, Samples, Samples]:
        few = np.unique(np.linspace(0, 2**depth - 1, 8).astype(np.uint16))
        values = random(f"gray{depth}").choice(few, (size[1], size[0]))
        named = int(few[-2])
        # Of sixteen bits, a level that shares its high byte with the transparent one stays opaque.
        values[::5] = np.where(values[::5] == named, named ^ 1, values[::5]) if depth == 16 else values[::5]
        opacity = np.where(values == named, 0, 255).astype(np.uint8)
        levels = values >> 8 if depth == 16 else values * 255 // (2**depth - 1)
        data = png.encode(
            values[:, :, None], depth, png.GRAY, extra=png.chunk(b"tRNS", struct.pack(">H", named))
        )
        return data, np.repeat(levels.astype(np.uint8)[:, :, None], 3, axis=2), opacity

    return make


KINDS: dict[str, Callable[[Size], tuple[bytes, Samples, Samples]]] = {
    "rgba": rgba,
    "rgba-16-bits": rgba_of_16_bits,
    "gray-alpha": gray_alpha,
    "palette": palette,
    "rgb-transparent-colour": rgb_with_a_transparent_colour,
    "rgb-16-bits-transparent-colour": rgb_of_16_bits_with_a_transparent_colour,
    **{
        f"gray-{depth}-bits-transparent-level": gray_with_a_transparent_level(depth)
        for depth in (1, 2, 4, 8, 16)
    },
}


@pytest.mark.parametrize("alpha", BACKGROUNDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_numbers_are_those_of_the_composition(kind: str, alpha: Alpha) -> None:
    data, colours, opacity = KINDS[kind](SMALL)
    assert numbers(data, alpha) == expected(composed(colours, opacity, alpha))


@pytest.mark.parametrize("alpha", BACKGROUNDS)
@pytest.mark.parametrize(
    "kind", ["rgba", "palette", "rgb-transparent-colour", "gray-16-bits-transparent-level"]
)
def test_an_image_taken_in_bands_is_composed_as_a_whole(kind: str, alpha: Alpha) -> None:
    data, colours, opacity = KINDS[kind](BANDED)
    assert numbers(data, alpha) == expected(composed(colours, opacity, alpha))


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_any_number_of_threads_gives_the_same_checker(threads: int) -> None:
    transparent = saved(Image.new("RGBA", (1103, 1009)), "PNG", compress_level=1)
    assert numbers(transparent, "checker", threads) == expected(
        Image.fromarray(background("checker", (1103, 1009)))
    )


@pytest.mark.parametrize("kind", KINDS)
def test_ignore_looks_at_the_colours_under_transparent_pixels_as_v1(kind: str) -> None:
    for size in (SMALL, (611, 3)):
        data, colours, _ = KINDS[kind](size)
        assert (
            numbers(data, "ignore")
            == expected(Image.fromarray(colours))
            == oracle.read(data, edge_mode="all")
        )


@pytest.mark.parametrize("alpha", BACKGROUNDS)
def test_an_opaque_image_is_the_same_over_any_background(alpha: Alpha) -> None:
    for mode in ("L", "RGB", "P", "1", "I;16"):
        values = noise(f"opaque {mode}", SMALL)
        gray = Image.fromarray(values[:, :, 0])
        image = gray.convert("I;16") if mode == "I;16" else Image.fromarray(values).convert(mode)
        data = saved(image, "PNG")
        assert numbers(data, alpha) == oracle.read(data, edge_mode="all")


@pytest.mark.parametrize(("alpha", "score"), [("white", 100), ("black", 0), ("checker", 70)])
def test_an_image_that_is_all_transparent_shows_the_background_alone(alpha: Alpha, score: int) -> None:
    for colour in ((255, 255, 255, 0), (0, 0, 0, 0), (200, 10, 90, 0)):
        assert (
            analyze(saved(Image.new("RGBA", (32, 32), colour), "PNG"), Options(alpha=alpha)).brightness_score
            == score
        )


def test_every_other_metric_sees_the_composition_too() -> None:
    data, colours, opacity = rgba(SMALL)
    names = ("average_color", "blurhash", "phash", "sharpness", "colorfulness", "palette")
    flat = saved(composed(colours, opacity, "white"), "PNG")
    assert analyze(data, Options(metrics=names, alpha="white")) == analyze(flat, Options(metrics=names))
