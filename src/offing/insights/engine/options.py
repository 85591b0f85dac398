"""What a call asks for, and what it is allowed to take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

JPEG, PNG = "JPEG", "PNG"


class EdgeMode(StrEnum):
    """Which edges the edge brightness looks at: a tenth of the side each, at least one pixel."""

    LEFT_RIGHT = "left_right"
    TOP_BOTTOM = "top_bottom"
    ALL = "all"


class Orientation(StrEnum):
    """Whether the image is looked at as stored, or turned as its EXIF data says."""

    STORED = "stored"
    EXIF = "exif"


class Alpha(StrEnum):
    """What transparent pixels count as: the colour stored under them, or one shown through."""

    IGNORE = "ignore"
    WHITE = "white"
    BLACK = "black"
    CHECKER = "checker"


class Precision(StrEnum):
    """Whether every pixel is decoded, or the decoder shrinks as it goes (JPEG: by up to 8)."""

    EXACT = "exact"
    FAST = "fast"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to compute, and how. Every option is an argument of the call."""

    metrics: tuple[str, ...] = ("brightness",)
    edge_mode: EdgeMode | None = None
    orientation: Orientation = Orientation.STORED
    alpha: Alpha = Alpha.IGNORE
    precision: Precision = Precision.EXACT


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a call may take; the defaults fit a container of 1 GiB."""

    formats: tuple[str, ...] = (JPEG, PNG)
    max_pixels: Annotated[int, msgspec.Meta(ge=1)] = 32_000_000
    max_scans: Annotated[int, msgspec.Meta(ge=1)] = 64
    threads: Annotated[int, msgspec.Meta(ge=1)] = 2
