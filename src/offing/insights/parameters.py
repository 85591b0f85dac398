"""Reads the options that a client names, with v1's rules and its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from offing.insights.engine.names import ALL_METRICS
from offing.insights.engine.options import Alpha, EdgeMode, Options, Orientation, Precision
from offing.insights.problems import InvalidOption

ALL = "all"
NAMED = {"allowEmptyValue": False}
"""Of an option whose value v1 refuses where it is empty."""


class Query(msgspec.Struct, kw_only=True):
    """The options of an analysis as text; each is trimmed and may be in any case."""

    metrics: (
        Annotated[
            str,
            Meta(
                description="Comma-separated names of metrics, or `all`: " + ", ".join(ALL_METRICS) + ".",
                examples=["brightness,median,histogram"],
            ),
        ]
        | None
    ) = None
    edge_mode: (
        Annotated[
            str,
            Meta(
                description="Also the brightness of the edges: left_right, top_bottom or all.",
                extra_json_schema=NAMED,
            ),
        ]
        | None
    ) = None
    orientation: (
        Annotated[
            str,
            Meta(description="stored (as v1) or exif: turned as the camera says.", extra_json_schema=NAMED),
        ]
        | None
    ) = None
    alpha: (
        Annotated[
            str,
            Meta(
                description="What shows through transparency: ignore (as v1), white, black or checker.",
                extra_json_schema=NAMED,
            ),
        ]
        | None
    ) = None
    precision: (
        Annotated[
            str,
            Meta(
                description="exact (as v1) or fast: large JPEGs are decoded at reduced size.",
                extra_json_schema=NAMED,
            ),
        ]
        | None
    ) = None


NAMES = Query.__struct_fields__


def read_options(given: Mapping[str, str | None]) -> Options:
    """The options that ``given`` names. Raises InvalidOption in v1's words."""
    return Options(
        metrics=_metrics(given.get("metrics")),
        edge_mode=_choice("edge_mode", get_args(EdgeMode), given.get("edge_mode"), "valid_modes"),
        orientation=_choice("orientation", get_args(Orientation), given.get("orientation")) or "stored",
        alpha=_choice("alpha", get_args(Alpha), given.get("alpha")) or "ignore",
        precision=_choice("precision", get_args(Precision), given.get("precision")) or "exact",
    )


def _metrics(text: str | None) -> tuple[str, ...]:
    """The metrics in the answer's order; none means brightness."""
    asked = {name for part in (text or "").split(",") if (name := part.strip().lower())}
    if ALL in asked:
        asked = (asked - {ALL}) | set(ALL_METRICS)
    if invalid := sorted(asked - set(ALL_METRICS)):
        raise InvalidOption(
            "Invalid metrics requested", invalid_metrics=invalid, valid_metrics=list(ALL_METRICS)
        )
    return tuple(name for name in ALL_METRICS if name in asked) or ("brightness",)


def _choice(name: str, valid: tuple[str, ...], text: str | None, listed_as: str = "valid_values") -> Any:
    """One of the valid values; None where nothing is asked for."""
    if text is None:
        return None
    value = text.strip().lower()
    if value not in valid:
        listed: dict[str, Any] = {listed_as: list(valid)}
        raise InvalidOption(f"Invalid {name} requested", received=text, **listed)
    return value
