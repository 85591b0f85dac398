"""Several files in one request: each has its own answer or its own problem, in the order they came."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

import msgspec

from offing.kernel.exchange import Exchange
from offing.kernel.problems import Problem
from offing.ocr.answer import Batch, BatchEntry
from offing.ocr.in_order import in_order
from offing.ocr.parameters import Asked
from offing.ocr.pieces import failed, line
from offing.ocr.uploads import Upload
from offing.ocr.whole import WholeDocuments

Entry = BatchEntry | dict[str, Any]


class Batches:
    """Answers the files of a batch; one is read ahead of the one that is waited for."""

    def __init__(self, documents: WholeDocuments) -> None:
        self._documents = documents

    async def answer(
        self, uploads: Sequence[Upload], asked: Asked, exchange: Exchange, started: float
    ) -> Batch:
        """All of it. One bad file does not stop the rest."""
        results = [each async for each in self._entries(uploads, asked, exchange, started)]
        return Batch(
            success=all(isinstance(each, BatchEntry) for each in results),
            processing_time_ms=round((time.perf_counter() - started) * 1000, 2),
            results=results,
        )

    async def lines(
        self, uploads: Sequence[Upload], asked: Asked, exchange: Exchange, started: float
    ) -> AsyncGenerator[bytes, None]:
        """A line a file, as soon as it is read."""
        async for each in self._entries(uploads, asked, exchange, started):
            yield line(each)

    def _entries(
        self, uploads: Sequence[Upload], asked: Asked, exchange: Exchange, started: float
    ) -> AsyncGenerator[Entry, None]:
        jobs = (partial(self._entry, each, asked, exchange, started) for each in uploads)
        return in_order(jobs, ahead=1)

    async def _entry(self, upload: Upload, asked: Asked, exchange: Exchange, started: float) -> Entry:
        try:
            if upload.problem is not None:
                raise upload.problem
            answer = await self._documents.recognize(upload.data, asked, exchange, started)
        except Problem as problem:
            return {**failed(problem, exchange.id), "name": upload.name}
        return BatchEntry(name=upload.name, **msgspec.structs.asdict(answer))
