"""What a call asks for, and what it is allowed to take."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

JPEG, PNG = "JPEG", "PNG"


EdgeMode = Literal["left_right", "top_bottom", "all"]
"""Which edges the edge brightness looks at: a tenth of the side each, at least one pixel."""

Orientation = Literal["stored", "exif"]
"""Whether the image is looked at as stored, or turned as its EXIF data says."""

Alpha = Literal["ignore", "white", "black", "checker"]
"""What transparent pixels count as: the colour stored under them, or one shown through."""

Precision = Literal["exact", "fast"]
"""Whether every pixel is decoded, or the decoder shrinks as it goes (JPEG: by up to 8)."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to compute, and how. Every option is an argument of the call."""

    metrics: tuple[str, ...] = ("brightness",)
    edge_mode: EdgeMode | None = None
    orientation: Orientation = "stored"
    alpha: Alpha = "ignore"
    precision: Precision = "exact"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a call may take; the defaults fit a container of 1 GiB."""

    formats: tuple[str, ...] = (JPEG, PNG)
    max_pixels: Annotated[int, msgspec.Meta(ge=1)] = 32_000_000
    max_scans: Annotated[int, msgspec.Meta(ge=1)] = 64
    threads: Annotated[int, msgspec.Meta(ge=1)] = 2
