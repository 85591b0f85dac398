"""The v1 contract of image insights, written out as plainly as it can be read.

It shares nothing with the engine: it decodes the whole image, resizes it, computes in float64 and counts
bucket by bucket. Slow, and meant to be.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE = 512
BUCKETS = (
    "0-24", "25-50", "51-75", "76-101", "102-127", "128-152", "153-178", "179-203", "204-229", "230-255",
)  # fmt: skip
METRICS = ("brightness", "median", "histogram")
EdgeMode = Literal["left_right", "top_bottom", "all"]
EDGE_MODES: tuple[EdgeMode | None, ...] = (None, "left_right", "top_bottom", "all")

Luminance = NDArray[np.float64]


def stored_pixels(data: bytes) -> Image.Image:
    """The image as stored, in 8-bit RGB: alpha, EXIF orientation and colour profile play no part.

    Of 16-bit samples the high byte counts.
    """
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        image.info.pop("transparency", None)
        if not image.mode.startswith("I;16"):
            return image.convert("RGB")
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")


def resized(image: Image.Image) -> Image.Image:
    """The image with its longer side at most 512 pixels; smaller images stay as they are.

    Rows first, then columns, each rounded to 8 bits. Left to itself, Pillow 12 and later picks the order by
    the image's shape, and a tall image's numbers then differ in the second decimal.
    """
    width, height = image.size
    if width <= LONGEST_SIDE and height <= LONGEST_SIDE:
        return image
    if width > height:
        size = (LONGEST_SIDE, max(1, int(height * (LONGEST_SIDE / width))))
    else:
        size = (max(1, int(width * (LONGEST_SIDE / height))), LONGEST_SIDE)
    narrowed = image.resize((size[0], height), Image.Resampling.LANCZOS)
    return narrowed.resize(size, Image.Resampling.LANCZOS)


def luminance(image: Image.Image) -> Luminance:
    """Rec. 709 luma of 8-bit values, height by width, 0 to 255; the three terms are added left to right."""
    values = np.asarray(image).astype(np.float64)
    weighted: Luminance = 0.2126 * values[:, :, 0] + 0.7152 * values[:, :, 1] + 0.0722 * values[:, :, 2]
    return weighted


def mean(values: Luminance) -> float:
    """The average as numpy adds it up, in float64.

    Of a flat image the last bit hangs on the order of the additions, and where the second decimal is a tie
    that bit decides it.
    """
    return float(values.mean())


def edge_pixels(light: Luminance, mode: EdgeMode) -> Luminance:
    """The pixels of the named border, a tenth of each side wide, at least one pixel; each side in turn."""
    height, width = light.shape
    rows, columns = max(1, int(height * 0.1)), max(1, int(width * 0.1))
    left, right = light[:, :columns], light[:, width - columns :]
    top, bottom = light[:rows, :], light[height - rows :, :]
    if mode == "left_right":
        sides = [left, right]
    elif mode == "top_bottom":
        sides = [top, bottom]
    else:
        middle = slice(columns, width - columns)
        sides = [left, right, top[:, middle], bottom[:, middle]]
    return np.concatenate([side.ravel() for side in sides])


def histogram(light: Luminance) -> list[dict[str, Any]]:
    """Ten buckets whose bounds overlap: a value can count in two of them."""
    counted = []
    for number, label in enumerate(BUCKETS):
        lower, upper = int(number * 25.6), (number + 1) * 25.6
        inside = (light >= lower) & (light <= 255 if number == len(BUCKETS) - 1 else light < upper)
        counted.append({"range": label, "percent": percent(int(inside.sum()), light.size)})
    return counted


def percent(count: int, total: int) -> float:
    """A share to one decimal: the tenfold value goes to the nearest integer, halves to the even one.

    So 1 of 2000 is 0.0, where Python's own ``round(0.05, 1)`` is 0.1, for it sees 0.05000000000000000277.
    """
    return round(count / total * 100 * 10) / 10


def score(average: float) -> int:
    """Brightness from 0 to 100; halves go to the even number."""
    return round(average / 255 * 100)


def answer(
    image: Image.Image, light: Luminance, metrics: Collection[str], edge_mode: EdgeMode | None
) -> dict[str, Any]:
    """The fields of an answer in their order; ``image`` is the stored one, ``light`` of the resized one."""
    fields: dict[str, Any] = {}
    if "brightness" in metrics:
        average = mean(light)
        fields |= {"brightness_score": score(average), "average_luminance": round(average, 2)}
    if edge_mode is not None:
        average = mean(edge_pixels(light, edge_mode))
        fields |= {"edge_brightness_score": score(average), "edge_average_luminance": round(average, 2)}
        fields["edge_mode"] = edge_mode
    if "median" in metrics:
        fields["median_luminance"] = round(float(np.median(light)), 2)
    if "histogram" in metrics:
        fields["histogram"] = histogram(light)
    return fields | {"width": image.width, "height": image.height, "algorithm": "rec709"}


def read(
    data: bytes, metrics: Collection[str] = METRICS, edge_mode: EdgeMode | None = None
) -> dict[str, Any]:
    """The answer to one upload, without ``cached`` and ``processing_time_ms``."""
    image = stored_pixels(data)
    return answer(image, luminance(resized(image)), metrics, edge_mode)


def read_every_edge(data: bytes) -> dict[EdgeMode | None, dict[str, Any]]:
    """The answers with all metrics to one upload, by edge mode; the image is decoded once."""
    image = stored_pixels(data)
    light = luminance(resized(image))
    return {mode: answer(image, light, METRICS, mode) for mode in EDGE_MODES}
