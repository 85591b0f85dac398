"""A whole document as one JSON answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

from offing.kernel.exchange import Exchange
from offing.ocr.answer import EngineAnswer, Recognition, Timings, by_frequency, recognition
from offing.ocr.engine.page import Page
from offing.ocr.parameters import Asked
from offing.ocr.pieces import of_page
from offing.ocr.reading import Documents, FailedPage, Reading
from offing.ocr.shared_reader import SharedReader


class WholeDocuments:
    """Answers documents whole: every page is read, or the answer is what went wrong."""

    def __init__(self, documents: Documents, reader: SharedReader) -> None:
        self._documents, self._reader = documents, reader

    async def recognize(
        self, data: bytes | bytearray, asked: Asked, exchange: Exchange, started: float
    ) -> Recognition:
        """The answer to a document. ``started``: when the request had come in (``time.perf_counter``).

        Raises what opening a document and reading its pages does, with the page's number.
        """
        async with self._documents.open(data, asked) as reading:
            read = exchange.stages.get("read", 0.0)
            answer = await answered(reading, asked, self._reader.facts, read=read, started=started)
        for stage in ("decode", "engine"):  # a batch has several documents
            exchange.stages[stage] = exchange.stages.get(stage, 0.0) + getattr(reading.spent, stage)
        return answer


async def answered(
    reading: Reading, asked: Asked, facts: Mapping[str, Any], *, read: float, started: float
) -> Recognition:
    """The answer to an open document. ``facts``: those of the engine. ``read``: milliseconds of taking it in.

    Raises the problem of a page that fails.
    """
    pages = await _every_page(reading)
    return recognition(
        pages,
        _engine(pages, asked, facts),
        Timings(
            read=round(read, 2), decode=round(reading.spent.decode, 2), engine=round(reading.spent.engine, 2)
        ),
        milliseconds=(time.perf_counter() - started) * 1000,
        words=asked.return_words,
    )


def _engine(pages: list[Page], asked: Asked, facts: Mapping[str, Any]) -> EngineAnswer:
    return EngineAnswer(
        runtime=facts["runtime"],
        version=facts["runtime_version"],
        precision=facts["precision"],
        quality=asked.options.quality,
        language=asked.options.language,
        read_by=by_frequency(line.engine for page in pages for line in page.lines if line.engine),
    )


async def _every_page(reading: Reading) -> list[Page]:
    found = []
    async with aclosing(reading.pages()) as pages:
        async for each in pages:
            if isinstance(each, FailedPage):
                raise of_page(each)
            found.append(each.page)
    return found
