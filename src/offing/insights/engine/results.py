"""What comes out of the engine, as types: free of what computes it, so that a server may describe it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Score = Annotated[int, Meta(ge=0, le=100, description="0 (black) to 100 (white).")]
Level = Annotated[float, Meta(ge=0, le=255, description="Rec. 709 luminance, 0 to 255, two decimals.")]
Color = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$", description="sRGB as #rrggbb.")]
Ratio = Annotated[float, Meta(ge=0)]


class Bucket(msgspec.Struct, frozen=True):
    """A bucket of the histogram: its range of luminance, and the share of pixels in it."""

    range: str
    percent: float


class TextColor(msgspec.Struct, frozen=True):
    """The text colour that contrasts most with the average colour."""

    color: str
    """``#000000`` or ``#ffffff``."""
    ratio: float
    """WCAG contrast ratio against the average colour, 4.58 to 21.0, rounded to 2 decimals."""
    aa: bool
    """Whether the unrounded ratio is at least 4.5; of black and white the better one always is."""
    aaa: bool
    """Whether the unrounded ratio is at least 7."""


class Swatch(msgspec.Struct, frozen=True):
    """One colour of a palette."""

    color: str
    """``#rrggbb``: the mean of its pixels in linear light."""
    share: float
    """Share of the pixels, 0.0 to 1.0 with 4 decimals; the shares of a palette sum to 1."""


class CorrectedBucket(msgspec.Struct, frozen=True):
    """One bucket of the corrected histogram."""

    range: str
    """The whole luma levels that it holds, such as ``26-50``."""
    percent: float
    """Percentage of the pixels, 0.0 to 100.0 with one decimal."""


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
