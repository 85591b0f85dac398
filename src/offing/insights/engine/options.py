"""What a call asks for, and what it is allowed to take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal, get_args

import msgspec

from offing.insights.engine.names import ALL_METRICS
from offing.insights.problems import InvalidOption

JPEG: Final = "JPEG"
PNG: Final = "PNG"

Format = Literal["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "HEIF"]
"""What can be opened; of several frames the first. HEIF needs offing[heif]."""

EdgeMode = Literal["left_right", "top_bottom", "all"]
"""Which edges the edge brightness looks at: a tenth of the side each, at least one pixel."""

Orientation = Literal["stored", "exif"]
"""Whether the image is looked at as stored, or turned as its EXIF data says."""

Alpha = Literal["ignore", "white", "black", "checker"]
"""What transparent pixels count as: the colour stored under them, or one shown through."""

Precision = Literal["exact", "fast"]
"""Whether every pixel is decoded, or the decoder shrinks as it goes (JPEG: by up to 8)."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What to compute, and how. Every option is an argument of the call.

    Raises InvalidOption for a name or a value that is not known; its text lists those that are.
    """

    metrics: tuple[str, ...] = ("brightness",)
    edge_mode: EdgeMode | None = None
    orientation: Orientation = "stored"
    alpha: Alpha = "ignore"
    precision: Precision = "exact"

    def __post_init__(self) -> None:
        if not isinstance(self.metrics, tuple):
            raise InvalidOption("The metrics are a tuple of names.")
        _check("metrics", self.metrics, ALL_METRICS)
        _check("edge_mode", [self.edge_mode], (None, *get_args(EdgeMode)))
        _check("orientation", [self.orientation], get_args(Orientation))
        _check("alpha", [self.alpha], get_args(Alpha))
        _check("precision", [self.precision], get_args(Precision))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a call may take; the defaults fit a container of 1 GiB.

    Raises InvalidOption for a format that is not known.
    """

    formats: tuple[Format, ...] = (JPEG, PNG)
    max_pixels: Annotated[int, msgspec.Meta(ge=1)] = 32_000_000
    max_scans: Annotated[int, msgspec.Meta(ge=1)] = 64
    threads: Annotated[int, msgspec.Meta(ge=1)] = 2

    def __post_init__(self) -> None:
        _check("formats", self.formats, get_args(Format))


def _check(option: str, given: Iterable[object], known: tuple[object, ...]) -> None:
    unknown = [each for each in given if each not in known]
    if unknown:
        listed = ", ".join(map(str, known))
        raise InvalidOption(f"{option} does not know {unknown[0]!r}. It knows: {listed}.")
