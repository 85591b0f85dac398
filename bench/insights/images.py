"""The images that both sides analyse, and how two answers are compared."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from bench.insights.wire import Answer

BASELINE_QUALITY = 85
OWN_TO_A_REQUEST = frozenset({"processing_time_ms", "cached"})
"""Members of an answer that tell of the request and not of the image."""


@dataclass(frozen=True)
class Images:
    """The reference's own samples as JPEG bytes, and one of them encoded anew."""

    small_gray: bytes
    small_colour: bytes
    large_progressive: bytes
    large_baseline: bytes


def load(checkout: Path) -> Images:
    """Read the samples of a checkout; the large one is also encoded as baseline, from the same pixels."""
    folder = checkout / "tests"
    gray, colour, large = (
        next(folder.glob(f"sample{number}-*.jpg")).read_bytes() for number in (1, 2, 3)
    )  # fmt: skip
    baseline = io.BytesIO()
    with Image.open(io.BytesIO(large)) as image:
        image.save(baseline, "JPEG", quality=BASELINE_QUALITY)
    return Images(gray, colour, large, baseline.getvalue())


def numbers(answer: Answer) -> dict[str, Any]:
    """What an answer says of its image. Raises :class:`ValueError` for a failure or a cached answer."""
    body: dict[str, Any] = json.loads(answer.body) if answer.status == 200 else {}  # noqa: PLR2004
    if not body or body.get("cached"):
        raise ValueError(f"status {answer.status}, {answer.body[:200]!r}")
    return {name: value for name, value in body.items() if name not in OWN_TO_A_REQUEST}


def milliseconds(answer: Answer) -> float:
    """The server's own figure for an answer."""
    return float(json.loads(answer.body)["processing_time_ms"])


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float]:
    """How far two answers are apart: levels of 0-255, and the worst bucket in percent points."""
    levels = ("average_luminance", "median_luminance", "edge_average_luminance")
    apart = {name: round(abs(one[name] - other[name]), 2) for name in levels}
    buckets = zip(one["histogram"], other["histogram"], strict=True)
    return apart | {"worst_bucket": round(max(abs(a["percent"] - b["percent"]) for a, b in buckets), 1)}
