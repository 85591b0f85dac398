"""The answer: one field a metric, in v1's order, absent where it was not asked for."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from offing.insights.engine.beyond import measure
from offing.insights.engine.color import TextColor
from offing.insights.engine.corrected_histogram import CorrectedBucket
from offing.insights.engine.luminance import Bucket, Luminance, score
from offing.insights.engine.options import Options
from offing.insights.engine.palette import Swatch
from offing.insights.engine.pixels import Pixels

Score = Annotated[int, Meta(ge=0, le=100, description="0 (black) to 100 (white).")]
Level = Annotated[float, Meta(ge=0, le=255, description="Rec. 709 luminance, 0 to 255, two decimals.")]
Color = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", description="sRGB as #rrggbb.")]
Ratio = Annotated[float, Meta(ge=0)]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What an image is like. Each metric is defined in the documentation of the metrics."""

    brightness_score: Score | UnsetType = UNSET
    average_luminance: Level | UnsetType = UNSET
    edge_brightness_score: Score | UnsetType = UNSET
    edge_average_luminance: Level | UnsetType = UNSET
    edge_mode: str | UnsetType = UNSET
    median_luminance: Level | UnsetType = UNSET
    histogram: list[Bucket] | UnsetType = UNSET
    contrast: Ratio | UnsetType = UNSET
    sharpness: Ratio | UnsetType = UNSET
    edge_density: Ratio | UnsetType = UNSET
    colorfulness: Ratio | UnsetType = UNSET
    average_color: Color | UnsetType = UNSET
    dominant_color: Color | UnsetType = UNSET
    palette: tuple[Swatch, ...] | UnsetType = UNSET
    text_color: TextColor | UnsetType = UNSET
    tone: Literal["light", "dark"] | UnsetType = UNSET
    thumbhash: str | UnsetType = UNSET
    blurhash: str | UnsetType = UNSET
    phash: str | UnsetType = UNSET
    histogram_corrected: tuple[CorrectedBucket, ...] | UnsetType = UNSET
    width: Annotated[int, Meta(ge=1, description="Pixels across, as stored or as turned.")]
    height: Annotated[int, Meta(ge=1, description="Pixels down, as stored or as turned.")]
    algorithm: str = "rec709"


def report(pixels: Pixels, options: Options, size: tuple[int, int]) -> Report:
    """Compute what ``options`` ask of an image whose whole size is ``size``."""
    luminance = Luminance(pixels)
    fields: dict[str, object] = dict(measure(pixels, frozenset(options.metrics)))
    if "brightness" in options.metrics:
        average = luminance.average()
        fields |= {"brightness_score": score(average), "average_luminance": round(average, 2)}
    if options.edge_mode is not None:
        average = luminance.edge_average(options.edge_mode)
        fields |= {
            "edge_brightness_score": score(average),
            "edge_average_luminance": round(average, 2),
            "edge_mode": options.edge_mode.value,
        }
    if "median" in options.metrics:
        fields["median_luminance"] = round(luminance.median(), 2)
    if "histogram" in options.metrics:
        fields["histogram"] = luminance.histogram()
    return Report(**fields, width=size[0], height=size[1])  # type: ignore[arg-type]  # a field a metric, by test
