"""The record by which image insights is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offing.insights.settings import InsightsSettings
from offing.kernel.service import Engine, Service

if TYPE_CHECKING:
    from offing.kernel.toolbox import Toolbox

FORM_OVERHEAD = 64 * 1024
"""Bytes that a form may have beside its file."""


def build(settings: InsightsSettings, toolbox: Toolbox) -> Engine:
    """The engine, not started. What it needs is loaded here, so that the record is cheap to look at."""
    from offing.insights.served import ServedInsights

    return ServedInsights(settings, toolbox)


service = Service(
    name="insights",
    title="Image insights",
    summary="Brightness, colours and hashes of an image",
    prefixes=("/v1/image",),
    settings=InsightsSettings,
    build=build,
    public_name="image-insights-api",
    max_body=lambda settings: settings.max_bytes + FORM_OVERHEAD,
    handlers=("offing.insights.engine.job:handle",),
    try_it=(
        "curl -F image=@photo.jpg '{base}/v1/image/analysis?metrics=brightness,median,histogram'",
        "curl -F image=@photo.jpg '{base}/v1/image/analysis?metrics=all'",
    ),
)
