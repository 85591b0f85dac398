"""The record by which image insights is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offing.insights.guarded import GuardedEngine
from offing.insights.routes import InsightsRoutes
from offing.insights.settings import InsightsSettings
from offing.insights.uploads import FORM_OVERHEAD
from offing.kernel.operation import Operation
from offing.kernel.service import Service
from offing.kernel.toolbox import Toolbox


class InsightsEngine:
    """Image insights as the kernel drives it."""

    def __init__(self, settings: InsightsSettings, toolbox: Toolbox) -> None:
        self._guarded = GuardedEngine(settings, toolbox.metrics)
        self.operations: Sequence[Operation] = InsightsRoutes(self._guarded, settings, toolbox).operations()

    async def start(self) -> None:
        """Bring up the workers, each warmed by real calls."""
        await self._guarded.start()

    async def stop(self) -> None:
        """End the workers."""
        await self._guarded.stop()

    def health(self) -> dict[str, Any]:
        """Nothing beyond what v1 promises."""
        return {}


service = Service(
    name="insights",
    title="Image insights",
    summary="Brightness, colours and hashes of an image",
    prefixes=("/v1/image",),
    settings=InsightsSettings,
    build=InsightsEngine,
    public_name="image-insights-api",
    max_body=lambda settings: settings.max_bytes + FORM_OVERHEAD,
    try_it=(
        "curl -F image=@photo.jpg '{base}/v1/image/analysis?metrics=brightness,median,histogram'",
        "curl -F image=@photo.jpg '{base}/v1/image/analysis?metrics=all'",
    ),
)
