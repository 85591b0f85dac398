"""The names of all metrics, in the order of the answer; free of what computes them."""

from __future__ import annotations

V1_METRICS = ("brightness", "median", "histogram")
BEYOND_V1 = (
    "contrast",
    "sharpness",
    "edge_density",
    "colorfulness",
    "average_color",
    "dominant_color",
    "palette",
    "text_color",
    "tone",
    "thumbhash",
    "blurhash",
    "phash",
    "histogram_corrected",
)
ALL_METRICS = (*V1_METRICS, *BEYOND_V1)
