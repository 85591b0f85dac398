"""Image insights as the kernel drives it: a guarded engine and the routes over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offing.insights.guarded import GuardedEngine
from offing.insights.routes import InsightsRoutes
from offing.insights.settings import InsightsSettings
from offing.kernel.operation import Operation
from offing.kernel.toolbox import Toolbox


class ServedInsights:
    """An engine in the kernel's sense: built cold, started, asked, stopped."""

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
