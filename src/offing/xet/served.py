"""Xet downloads as the kernel drives them: a library and the routes over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from offing.kernel.fetch import PREFIX, FetchSettings
from offing.kernel.health import State
from offing.kernel.operation import Operation
from offing.kernel.settings import load
from offing.kernel.toolbox import Toolbox
from offing.xet.fetching_ahead import FetchingAhead
from offing.xet.known_routes import OfflineRoutes, OnlineRoutes
from offing.xet.library import Library
from offing.xet.metrics import LibraryMetrics
from offing.xet.settings import XetSettings


class ServedXet:
    """An engine in the kernel's sense: built cold, started, asked, stopped."""

    def __init__(self, settings: XetSettings, toolbox: Toolbox) -> None:
        self._health = toolbox.health
        self._library = Library(settings, load(FetchSettings, PREFIX))
        LibraryMetrics(self._library, toolbox.metrics)
        routes = (OfflineRoutes if settings.offline else OnlineRoutes)(
            self._library, settings, toolbox.metrics
        )
        self.operations: Sequence[Operation] = routes.operations()
        self.fetching = FetchingAhead(self._library, settings).operation()

    async def start(self) -> None:
        """Find what is cached. The hub is not asked: it may be away, and what is cached is still served."""
        await self._library.start()

    async def stop(self) -> None:
        """End what is under way."""
        await self._library.stop()

    def health(self) -> dict[str, Any]:
        """The word that this service's clients know for ready, and the cache's figures; null without one."""
        if self._health.state("xet") is not State.READY:
            return {}
        cache = self._library.shelf.cache
        now = cache.statistics() if cache is not None else None
        return {
            "status": "ok",
            "cache": {"bytes": now.bytes, "max_bytes": now.max_bytes} if now is not None else None,
            **({"offline": True} if self._library.offline else {}),
        }
