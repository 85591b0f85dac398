"""Reads documents side by side; each goes to its own file, or in their order to standard output."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from offing.cli.files import read
from offing.cli.ocr.destination import BETWEEN, Destination
from offing.cli.ocr.documents import REFUSALS, Document
from offing.cli.ocr.output import Write, replacing, standard_output
from offing.cli.ocr.progress import DocumentProgress, Progress, progress
from offing.cli.ocr.session import Session, opened
from offing.cli.wording import detail, json_name, printable
from offing.kernel.problems import Problem
from offing.ocr.answer_format import JSON, LINES
from offing.ocr.in_order import in_order
from offing.ocr.parameters import Asked
from offing.ocr.pieces import line, lines, of_page, written
from offing.ocr.reading import FailedPage, Reading, ReadPage
from offing.ocr.settings import OcrSettings
from offing.ocr.whole import answered
from offing.ocr.writers import FORMATS

AHEAD = 256
"""Documents that may be done before the one whose turn it is."""


@dataclass(frozen=True)
class Done:
    """What came of a document: what is still to be written of it, or why there is nothing."""

    document: Document
    text: bytes = b""
    problem: Problem | None = None


async def work(where: Destination, asked: Asked, settings: OcrSettings) -> int:
    """Read documents; how many failed. Each that did is told of on standard error."""
    count = len(where.documents)
    async with opened(settings, count) as session:
        with progress(count, to_stream=where.is_stream) as shown:
            failed = await _Work(session, asked, settings.max_bytes, shown).do(where)
    if failed and count > 1:
        shown.tell(f"{failed} of {count} failed.")
    return failed


class _Work:
    def __init__(self, session: Session, asked: Asked, max_bytes: int, shown: Progress) -> None:
        self._session, self._asked, self._max_bytes, self._shown = session, asked, max_bytes, shown
        self._places = asyncio.Semaphore(session.at_once)

    async def do(self, where: Destination) -> int:
        alone = where.is_stream and len(where.documents) == 1
        jobs = (partial(self._done, document, path, alone=alone) for document, path in where.documents)
        failed, between = 0, b""
        async with aclosing(in_order(jobs, ahead=AHEAD)) as each_done:
            async for done in each_done:
                if done.problem is not None:
                    failed += 1
                    self._shown.tell(_told(done.document, done.problem))
                elif where.is_stream and not alone:
                    with standard_output() as write:
                        write(between + done.text)
                    between = BETWEEN[self._asked.format]
        return failed

    async def _done(self, document: Document, path: Path | None, *, alone: bool) -> Done:
        """Read a document. What is not written yet is kept: text that waits for its turn."""
        kept: list[bytes] = []
        try:
            async with self._places:
                with self._shown.document() as shown:
                    data = await read(document.name, self._max_bytes, REFUSALS)
                    async with aclosing(self._pieces(document, data, shown)) as pieces:
                        with _sink(path, kept, alone=alone) as write:
                            async for piece in pieces:
                                write(piece)
        except Problem as problem:
            return Done(document, problem=problem)
        return Done(document, b"".join(kept))

    async def _pieces(
        self, document: Document, data: bytearray, shown: DocumentProgress
    ) -> AsyncGenerator[bytes, None]:
        """The output of a document. Raises the problem of a page that fails."""
        started, failures = time.perf_counter(), list[FailedPage]()

        def on_page(page: ReadPage | FailedPage) -> None:
            shown.page()
            if isinstance(page, FailedPage):
                failures.append(page)

        async with self._session.documents.open(data, self._asked) as reading:
            shown.opened(len(reading.numbers))
            reading.on_page = on_page
            async with aclosing(self._written(document, reading, started)) as pieces:
                async for piece in pieces:
                    yield piece
        if failures:
            raise of_page(failures[0])

    async def _written(
        self, document: Document, reading: Reading, started: float
    ) -> AsyncGenerator[bytes, None]:
        asked, named = self._asked, b'{"input":%s,' % json_name(document.name)
        if asked.format == JSON:
            facts = self._session.reader.facts
            yield named + line(await answered(reading, asked, facts, read=0.0, started=started))[1:]
        elif asked.format == LINES:
            async with aclosing(lines(reading, "", words=asked.return_words)) as pieces:
                async for piece in pieces:
                    yield named + piece[1:]
        else:
            async with aclosing(written(reading, FORMATS[asked.format])) as pieces:
                async for piece in pieces:
                    yield piece


@contextmanager
def _sink(path: Path | None, kept: list[bytes], *, alone: bool) -> Iterator[Write]:
    if path is not None:
        with replacing(path) as write:
            yield write
    elif alone:
        with standard_output() as write:
            yield write
    else:
        yield kept.append


def _told(document: Document, problem: Problem) -> str:
    return printable(f"offing: {document.name}: {detail(problem)} {problem.public_remedy}")
