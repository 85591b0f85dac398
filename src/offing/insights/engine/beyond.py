"""The metrics beyond v1 by name: one table, from which a request picks what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from offing.insights.engine.blurhash import blurhash
from offing.insights.engine.color import average_color, colorfulness, text_color, tone
from offing.insights.engine.corrected_histogram import histogram_corrected
from offing.insights.engine.palette import dominant_color, palette
from offing.insights.engine.perceptual_hash import phash
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import CorrectedBucket, Swatch, TextColor
from offing.insights.engine.texture import contrast, edge_density, sharpness
from offing.insights.engine.thumbhash import thumbhash

Value = float | str | TextColor | tuple[Swatch, ...] | tuple[CorrectedBucket, ...]

METRICS: Mapping[str, Callable[[Pixels], Value]] = MappingProxyType({
    "contrast": contrast,
    "sharpness": sharpness,
    "edge_density": edge_density,
    "colorfulness": colorfulness,
    "average_color": average_color,
    "dominant_color": dominant_color,
    "palette": palette,
    "text_color": text_color,
    "tone": tone,
    "thumbhash": thumbhash,
    "blurhash": blurhash,
    "phash": phash,
    "histogram_corrected": histogram_corrected,
})  # fmt: skip
"""Name, as in a request and an answer, to function; the order is that of the answer's fields."""


def measure(pixels: Pixels, names: frozenset[str] | set[str]) -> dict[str, Value]:
    """The metrics in ``names``, in the order of :data:`METRICS`; names that it lacks are passed over.

    Each is computed once, also where others are made from it.
    """
    return {name: pixels.once(metric) for name, metric in METRICS.items() if name in names}
