"""Images of every kind that the contract takes, the same ones on every run.

Each :class:`Sample` makes its file when asked, so collecting tests costs nothing.
"""

from __future__ import annotations

import io
import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.hostile import png_writer as png

Colour = tuple[int, int, int]
Size = tuple[int, int]

SMALL_SIZES: tuple[Size, ...] = ((1, 1), (1, 7), (7, 1), (64, 48), (513, 130), (130, 513))
AROUND_THE_LIMIT: tuple[Size, ...] = tuple(itertools.product((511, 512, 513), (511, 512, 513)))
EXTREME_SIZES: tuple[Size, ...] = (
    (10000, 1), (1, 10000), (10000, 3), (3, 10000), (1025, 1), (1, 1025), (513, 1), (1, 513), (2, 2),
    (4000, 7), (7, 4000), (1023, 1024), (300, 1900), (90, 700), (19, 21), (20, 20), (29, 31), (1, 2),
    (2, 1), (9, 11),
)  # fmt: skip
SIZES_WHERE_FLOATS_FLOOR_LOWER: tuple[Size, ...] = ((644, 322), (694, 347), (748, 187), (784, 49), (784, 98))
FLAT_SIZES: tuple[Size, ...] = ((3, 3), (7, 5), (20, 25), (64, 48))
"""Where the last bit of a sum of equal values hangs on the order in which they are added. Past some thousand
pixels numpy itself adds in another order from version to version, so none is larger."""
DEPTHS = {
    png.GRAY: (1, 2, 4, 8, 16),
    png.RGB: (8, 16),
    png.PALETTE: (1, 2, 4, 8),
    png.GRAY_ALPHA: (8, 16),
    png.RGBA: (8, 16),
}
CHANNELS = {png.GRAY: 1, png.RGB: 3, png.PALETTE: 1, png.GRAY_ALPHA: 2, png.RGBA: 4}
ADOBE_TRANSFORM_IN_CMYK = b"Adobe\0\x64\0\0\0\0\0"
ADOBE_TRANSFORM_IN_YCCK = b"Adobe\0\x64\0\0\0\0\2"
ORIENTATION = 0x0112


@dataclass(frozen=True)
class Sample:
    """One image: its name, and its file once made."""

    name: str
    make: Callable[[], bytes]


def random(name: str) -> np.random.Generator:
    """The random numbers that belong to a name."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def noise(name: str, size: Size, channels: int = 3) -> NDArray[np.uint8]:
    """Independent values, height by width by channels."""
    width, height = size
    return random(name).integers(0, 256, (height, width, channels), np.uint8)


def scene(name: str, size: Size) -> Image.Image:
    """Smooth light and shade, like a photograph's: noise of 24 by 16 pixels, enlarged."""
    return Image.fromarray(noise(name, (24, 16))).resize(size, Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file that Pillow writes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def flat(colour: Colour, size: Size = (1, 1)) -> bytes:
    """A PNG of one colour."""
    return saved(Image.new("RGB", size, colour), "PNG")


def samples() -> Iterator[Sample]:
    """Every image, small ones first."""
    yield from _ties()
    yield from _flat_grays()
    yield from _modes()
    yield from _raw_png()
    yield from _sizes()
    yield from _jpegs()
    yield from _orientations()
    yield from _large()


def _flat_grays() -> Iterator[Sample]:
    for value in range(256):
        yield Sample(f"gray-{value}", partial(flat, (value, value, value), (3, 2)))


def _ties() -> Iterator[Sample]:
    """Colours whose luminance, or whose score, lies halfway between two roundings; and near percents."""
    for name, step, remainder in (("luminance", 100, 50), ("score", 25500, 12750)):
        for colour in itertools.islice(_colours(name, step, remainder), 40):
            yield Sample(f"tie-{name}-" + "-".join(map(str, colour)), partial(flat, colour))
        for colour, size in itertools.product(
            itertools.islice(_colours(name, step, remainder), 8), FLAT_SIZES
        ):
            label = "-".join(map(str, colour)) + f"-{size[0]}x{size[1]}"
            yield Sample(f"tie-flat-{name}-{label}", partial(flat, colour, size))
    for name, shape in (("2x2", (2, 2)), ("3x1", (3, 1)), ("5x4", (5, 4)), ("20x25", (20, 25))):
        for number in range(5):
            yield Sample(
                f"tie-noise-{name}-{number}", partial(_noise_png, f"tie-{name}-{number}", shape, "RGB")
            )
    for odd in (1, 3, 5, 7, 9, 11, 25):
        yield Sample(f"tie-percent-{odd}", partial(_few_white, odd, (40, 50)))
        yield Sample(f"tie-percent-{odd}-of-16", partial(_few_white, odd % 16, (4, 4)))


def _colours(name: str, step: int, remainder: int) -> Iterator[Colour]:
    """Colours whose luminance in ten-thousandths leaves ``remainder`` when divided by ``step``."""
    colours = random(name).integers(0, 256, (2**21, 3))
    luminances = colours @ (2126, 7152, 722)
    red, green, blue = colours[luminances % step == remainder].T.tolist()
    yield from dict.fromkeys(zip(red, green, blue, strict=True))


def _few_white(count: int, size: Size) -> bytes:
    values = np.zeros(size[0] * size[1], np.uint8)
    values[:count] = 255
    values[count : 3 * count] = 153
    return saved(Image.fromarray(values.reshape(size[1], size[0])), "PNG")


def _noise_png(name: str, size: Size, mode: str, **options: Any) -> bytes:
    if mode == "I;16":
        width, height = size
        values = random(name).integers(0, 65536, (height, width), np.uint16)
        return saved(Image.fromarray(values), "PNG")
    if mode == "P":
        image = Image.fromarray(noise(name, size, 1)[:, :, 0]).copy()
        image.putpalette(noise(name + "-palette", (256, 1)).tobytes())
        return saved(image, "PNG", **options)
    image = Image.fromarray(noise(name, size, 4)).convert("RGBA")
    if mode == "LA":
        image = Image.merge("LA", image.split()[2:])
    return saved(image.convert(mode), "PNG", **options)


def _modes() -> Iterator[Sample]:
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "1": ("1", {}),
        "L": ("L", {}),
        "L-transparent-value": ("L", {"transparency": 7}),
        "LA": ("LA", {}),
        "P": ("P", {}),
        "P-transparent-index": ("P", {"transparency": 3}),
        "P-alpha-of-each-index": ("P", {"transparency": bytes(range(256))}),
        "RGB": ("RGB", {}),
        "RGB-transparent-colour": ("RGB", {"transparency": (1, 2, 3)}),
        "RGBA": ("RGBA", {}),
        "I16": ("I;16", {}),
    }
    for (kind, (mode, options)), size in itertools.product(kinds.items(), SMALL_SIZES):
        name = f"png-{kind}-{size[0]}x{size[1]}"
        yield Sample(name, partial(_noise_png, name, size, mode, **options))


def _raw_png() -> Iterator[Sample]:
    for colour, interlaced in itertools.product(DEPTHS, (False, True)):
        for depth, size in itertools.product(DEPTHS[colour], ((1, 1), (13, 9), (531, 20))):
            name = f"raw-png-colour{colour}-{depth}bit-{size[0]}x{size[1]}" + "-interlaced" * interlaced
            yield Sample(name, partial(_raw, name, colour, depth, size, interlaced=interlaced))


def _raw(name: str, colour: int, depth: int, size: Size, *, interlaced: bool) -> bytes:
    width, height = size
    values = random(name).integers(0, 2**depth, (height, width, CHANNELS[colour]), np.uint16)
    palette = (
        png.chunk(b"PLTE", noise(name + "-palette", (2**depth, 1)).tobytes())
        if colour == png.PALETTE
        else b""
    )
    return png.encode(values, depth, colour, interlaced=interlaced, extra=palette)


def _sizes() -> Iterator[Sample]:
    for size in AROUND_THE_LIMIT + EXTREME_SIZES + SIZES_WHERE_FLOATS_FLOOR_LOWER:
        name = f"size-{size[0]}x{size[1]}"
        yield Sample(f"{name}-png", partial(_noise_png, name, size, "RGB"))
    for size in (*AROUND_THE_LIMIT[::4], *EXTREME_SIZES):
        name = f"size-{size[0]}x{size[1]}"
        yield Sample(f"{name}-jpeg", partial(_jpeg, name, size, "RGB", quality=80))


def _jpeg(name: str, size: Size, mode: str, **options: Any) -> bytes:
    image = scene(name, size).convert("RGB")
    grain = random(name).integers(-20, 21, (size[1], size[0], 3))
    image = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
    if mode != "YCCK":
        return saved(image.convert(mode), "JPEG", **options)
    cmyk = saved(image.convert("CMYK"), "JPEG", **options)
    return cmyk.replace(ADOBE_TRANSFORM_IN_CMYK, ADOBE_TRANSFORM_IN_YCCK, 1)


def _jpegs() -> Iterator[Sample]:
    kinds: dict[str, dict[str, Any]] = {
        "baseline": {},
        "progressive": {"progressive": True},
        "optimised": {"optimize": True},
        "restart-each-block": {"restart_marker_blocks": 1},
        "restart-each-row": {"restart_marker_rows": 1},
        "444": {"subsampling": 0},
        "422": {"subsampling": 1},
        "420": {"subsampling": 2},
        "progressive-420": {"progressive": True, "subsampling": 2},
        "dots-per-inch": {"dpi": (300, 72)},
    }
    for (kind, options), mode in itertools.product(kinds.items(), ("L", "RGB", "CMYK", "YCCK")):
        for size in ((33, 17), (650, 403)):
            name = f"jpeg-{mode}-{kind}-{size[0]}x{size[1]}"
            yield Sample(name, partial(_jpeg, name, size, mode, quality=85, **options))
    for quality in (1, 2, 5, 10, 25, 50, 75, 90, 99, 100):
        name = f"jpeg-quality-{quality}"
        yield Sample(name, partial(_jpeg, name, (90, 61), "RGB", quality=quality))


def _orientations() -> Iterator[Sample]:
    for value, kind in itertools.product(range(1, 9), ("JPEG", "PNG")):
        yield Sample(f"orientation-{value}-{kind.lower()}", partial(_oriented, value, kind))


def _oriented(value: int, kind: str) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return saved(scene("oriented", (620, 90)), kind, exif=exif)


def _large() -> Iterator[Sample]:
    yield Sample("large-6000x4000-jpeg", partial(_large_scene, "JPEG", (6000, 4000), quality=75))
    yield Sample(
        "large-6000x4000-gray-jpeg", partial(_large_scene, "JPEG", (6000, 4000), mode="L", quality=60)
    )
    yield Sample("large-3400x2100-progressive", partial(_large_scene, "JPEG", (3400, 2100), progressive=True))
    yield Sample(
        "large-2600x3100-png", partial(_large_scene, "PNG", (2600, 3100), mode="L", compress_level=1)
    )


def _large_scene(kind: str, size: Size, mode: str = "RGB", **options: Any) -> bytes:
    return saved(scene("large", size).convert(mode), kind, **options)
