"""OCR as the kernel drives it: documents in guarded processes, a shared engine, and the routes over both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from offing.kernel.operation import Operation
from offing.kernel.toolbox import Toolbox
from offing.ocr.documents.guarded import GuardedDocuments
from offing.ocr.routes import OcrRoutes
from offing.ocr.settings import OcrSettings, limits_of
from offing.ocr.shared_reader import SharedReader


class ServedOcr:
    """An engine in the kernel's sense: built cold, started, asked, stopped."""

    def __init__(self, settings: OcrSettings, toolbox: Toolbox) -> None:
        self._documents = GuardedDocuments(limits_of(settings), toolbox.metrics)
        self._reader = SharedReader(settings, toolbox.metrics)
        routes = OcrRoutes(self._documents, self._reader, settings, toolbox.metrics)
        self.operations: Sequence[Operation] = routes.operations()
        self.reading = routes.reading

    async def start(self) -> None:
        """Bring up the processes that decode, and beside them the models; it ends with a real page."""
        await asyncio.gather(self._documents.start(), self._reader.start())

    async def stop(self) -> None:
        """End them."""
        await asyncio.gather(self._documents.stop(), self._reader.stop())

    def health(self) -> dict[str, Any]:
        """What reads here: the runtime and its precision, the models, Tesseract's version or null."""
        return self._reader.facts
