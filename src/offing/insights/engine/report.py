"""Computes what is asked for."""

from __future__ import annotations

from offing.insights.engine.beyond import measure
from offing.insights.engine.luminance import Luminance, score
from offing.insights.engine.options import Options
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import Report


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
            "edge_mode": options.edge_mode,
        }
    if "median" in options.metrics:
        fields["median_luminance"] = round(luminance.median(), 2)
    if "histogram" in options.metrics:
        fields["histogram"] = luminance.histogram()
    return Report(**fields, width=size[0], height=size[1])  # type: ignore[arg-type]  # a field a metric, by test
