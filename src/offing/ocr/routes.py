"""The HTTP surface of OCR."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from functools import wraps
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from offing.kernel.admission import Admission
from offing.kernel.exchange import Exchange, exchange_of
from offing.kernel.metrics import Metrics
from offing.kernel.operation import Endpoint, Operation
from offing.kernel.problems import Problem
from offing.ocr import descriptions
from offing.ocr.answer_format import JSON, LINES, LINES_TYPE
from offing.ocr.batch import Batches
from offing.ocr.documents.guarded import GuardedDocuments
from offing.ocr.documents.media_types import media_type_of
from offing.ocr.language_list import list_languages
from offing.ocr.parameters import NAMES, Asked, read_asked
from offing.ocr.pieces import lines, written
from offing.ocr.problems import InvalidOption
from offing.ocr.reading import Documents
from offing.ocr.settings import OcrSettings
from offing.ocr.shared_reader import SharedReader
from offing.ocr.streamed import Streamed
from offing.ocr.uploads import Options, Upload, read_base64, read_file, read_files
from offing.ocr.whole import WholeDocuments
from offing.ocr.writers import FORMATS

ReadUpload = Callable[[Request, int], Awaitable[tuple[Upload, Options]]]


class OcrRoutes:
    """The endpoints over guarded documents and a shared reader."""

    def __init__(
        self, documents: GuardedDocuments, reader: SharedReader, settings: OcrSettings, metrics: Metrics
    ) -> None:
        self._reader, self._settings = reader, settings
        self._documents = Documents(documents, reader, metrics)
        self._whole = WholeDocuments(self._documents, reader)
        self._batches = Batches(self._whole)
        # Requests wait for their pages' places, not for this: it only bounds how many do.
        self._admission = Admission("ocr.requests", slots=settings.queue, queue=0, metrics=metrics)

        self.reading = descriptions.upload(
            _as_the_seed_tells_it(self.upload), _as_the_seed_tells_it(self.check_upload)
        )
        """``POST /ocr``, described."""

    def operations(self) -> Sequence[Operation]:
        """The routes, described."""
        return (
            self.reading,
            descriptions.base64(_as_the_seed_tells_it(self.base64)),
            descriptions.batch(_as_the_seed_tells_it(self.batch)),
            descriptions.languages(self.languages),
        )

    async def upload(self, request: Request) -> Response:
        """``POST /ocr``."""
        return await self._one(request, read_file)

    async def check_upload(self, request: Request) -> Response:
        """Refuse what ``POST /ocr`` refuses before it opens the file."""
        upload, _ = await self._taken(request, read_file)
        media_type_of(upload.data)
        return Response(status_code=204)

    async def base64(self, request: Request) -> Response:
        """``POST /ocr/base64``."""
        return await self._one(request, read_base64)

    async def batch(self, request: Request) -> Response:
        """``POST /ocr/batch``."""
        exchange, query = exchange_of(request.scope), _query(request)
        self._asked_of_a_batch(request, query)
        with exchange.stage("read"):
            uploads, options = await read_files(request, self._settings.max_bytes)
        started = time.perf_counter()
        asked = self._asked_of_a_batch(request, {**query, **options})
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._admission.place())
            if asked.format == LINES:
                pieces = self._batches.lines(uploads, asked, exchange, started)
                return await _streamed(pieces, LINES_TYPE, stack)
            return _json(await self._batches.answer(uploads, asked, exchange, started))

    async def languages(self, request: Request) -> Response:
        """``GET /ocr/languages``."""
        del request
        return _json(list_languages(self._reader, self._settings.language))

    async def _one(self, request: Request, read: ReadUpload) -> Response:
        exchange = exchange_of(request.scope)
        upload, asked = await self._taken(request, read)
        started = time.perf_counter()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._admission.place())
            if asked.format == JSON:
                return _json(await self._whole.recognize(upload.data, asked, exchange, started))
            return await self._in_format(upload.data, asked, exchange, stack)

    async def _taken(self, request: Request, read: ReadUpload) -> tuple[Upload, Asked]:
        """The file of a request, and what is asked of it."""
        query = _query(request)
        self._asked(request, query)  # what is wrong with the query is told before the file is sent
        with exchange_of(request.scope).stage("read"):
            upload, options = await read(request, self._settings.max_bytes)
        return upload, self._asked(request, {**query, **options})

    async def _in_format(
        self, data: bytes | bytearray, asked: Asked, exchange: Exchange, stack: AsyncExitStack
    ) -> Response:
        """A document in another format than JSON; one of several pages as they are read."""
        reading = await stack.enter_async_context(self._documents.open(data, asked))
        if asked.format == LINES:
            pieces, media_type = lines(reading, exchange.id, words=asked.return_words), LINES_TYPE
        else:
            pieces, media_type = written(reading, FORMATS[asked.format]), FORMATS[asked.format].content_type
        if len(reading.numbers) > 1:
            return await _streamed(pieces, media_type, stack)
        async with aclosing(pieces):
            body = b"".join([each async for each in pieces])
        exchange.stages.update(decode=reading.spent.decode, engine=reading.spent.engine)
        return Response(body, headers={"Content-Type": media_type})

    def _asked(self, request: Request, given: Mapping[str, str | None]) -> Asked:
        asked = read_asked(given, self._settings, request.headers.get("accept", ""))
        self._reader.require(asked.options.language)
        return asked

    def _asked_of_a_batch(self, request: Request, given: Mapping[str, str | None]) -> Asked:
        asked = self._asked(request, given)
        if asked.format in {JSON, LINES}:
            return asked
        if named := (given.get("format") or "").strip():
            raise InvalidOption("format", named, valid_values=[JSON, LINES])
        return msgspec.structs.replace(asked, format=JSON)


def _query(request: Request) -> dict[str, str | None]:
    return {name: request.query_params.get(name) for name in NAMES}


def _json(answer: Any) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


async def _streamed(pieces: AsyncGenerator[bytes, None], media_type: str, stack: AsyncExitStack) -> Response:
    """An answer that begins when its first piece is there: till then, a problem is an answer of its own."""
    rest = await stack.enter_async_context(aclosing(pieces))
    first = await anext(rest)
    return Streamed(first, rest, media_type, stack.pop_all())


def _as_the_seed_tells_it(endpoint: Endpoint) -> Endpoint:
    """The endpoint; a problem of the kernel has the members that the seed's clients look for, too."""

    @wraps(endpoint)
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Problem as problem:
            problem.members.setdefault("success", False)
            problem.members.setdefault("error", problem.public_text)
            raise

    return answer
