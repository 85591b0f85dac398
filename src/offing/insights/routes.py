"""The HTTP surface of image insights, v1."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from offing.insights import descriptions
from offing.insights.engine.header import MEDIA_TYPES
from offing.insights.engine.options import Options
from offing.insights.guarded import GuardedEngine
from offing.insights.json_answer import complete
from offing.insights.parameters import NAMES, read_options
from offing.insights.problems import MissingField
from offing.insights.remote import Remote, revalidators, url_cache
from offing.insights.settings import InsightsSettings
from offing.insights.uploads import read_upload
from offing.kernel.cache import Cache
from offing.kernel.exchange import Exchange, exchange_of
from offing.kernel.operation import Operation
from offing.kernel.toolbox import Toolbox


class UrlRequest(msgspec.Struct, kw_only=True):
    """What `/v1/image/analysis/url` takes; the options are those of the upload's query."""

    url: Annotated[
        str, msgspec.Meta(description="Address of the image, http or https, public.", max_length=8192)
    ]
    metrics: str | None = None
    edge_mode: str | None = None
    orientation: str | None = None
    alpha: str | None = None
    precision: str | None = None


class InsightsRoutes:
    """The endpoints over a guarded engine, with the caches of their answers."""

    def __init__(self, engine: GuardedEngine, settings: InsightsSettings, toolbox: Toolbox) -> None:
        self._engine, self._settings = engine, settings
        self._types = tuple(MEDIA_TYPES[name] for name in settings.formats)
        self._cache: Cache[bytes] = Cache(entries=settings.cache_entries, seconds=settings.cache_seconds)
        self._seen = url_cache(settings.cache_entries, settings.cache_seconds)
        self._remote = Remote(
            toolbox.fetcher, self._types, max_bytes=settings.max_bytes, seconds=settings.fetch_seconds
        )

    def operations(self) -> Sequence[Operation]:
        """The routes, described."""
        return (
            descriptions.upload(self.analyze_upload),
            descriptions.by_url(self.analyze_url, UrlRequest),
        )

    async def analyze_upload(self, request: Request) -> Response:
        """``POST /v1/image/analysis``."""
        exchange = exchange_of(request.scope)
        options = read_options({name: request.query_params.get(name) for name in NAMES})
        with exchange.stage("read"):
            data = await read_upload(request, self._types, self._settings.max_bytes)
        started = time.perf_counter()  # as v1 counts: a slow sender makes no slow service
        report, cached = await self._report(data, options, exchange)
        return _answer(report, cached=cached, started=started)

    async def analyze_url(self, request: Request) -> Response:
        """``POST /v1/image/analysis/url``."""
        started = time.perf_counter()
        exchange = exchange_of(request.scope)
        asked = await _read_json(request)
        options = read_options(msgspec.structs.asdict(asked))
        key = (asked.url, options)
        seen = self._seen.find(key)
        with exchange.stage("fetch"):
            data, headers = await self._remote.fetch(asked.url, seen)
        if data is None and seen is not None:
            exchange.cache = "hit"
            return _answer(seen.report, cached=True, started=started)
        report, cached = await self._report(data or b"", options, exchange)
        if fresh := revalidators(headers, report):
            self._seen.keep(key, fresh)
        return _answer(report, cached=cached, started=started)

    async def _report(
        self, data: bytes | bytearray, options: Options, exchange: Exchange
    ) -> tuple[bytes, bool]:
        async def compute() -> bytes:
            with exchange.stage("work"):
                outcome = await self._engine.analyze(data, options)
            exchange.stages["engine"] = outcome.milliseconds
            return outcome.report

        key = (hashlib.sha256(data).digest(), options)
        report, cached = await self._cache.get(key, compute)
        exchange.cache = "hit" if cached else "miss"
        return report, cached


async def _read_json(request: Request) -> UrlRequest:
    """The body as JSON, whatever its declared type. Raises MissingField in v1's form."""
    try:
        given: Mapping[str, object] = msgspec.json.decode(await request.body(), type=dict[str, object])
        if "url" not in given:
            raise MissingField("url")
        return msgspec.convert(given, UrlRequest)
    except msgspec.ValidationError as error:
        field = next((name for name in NAMES if f"`$.{name}`" in str(error)), "url")
        raise MissingField(field, "Input should be a valid string", "string_type") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MissingField("url", "JSON decode error", "json_invalid") from None


def _answer(report: bytes, *, cached: bool, started: float) -> Response:
    milliseconds = (time.perf_counter() - started) * 1000
    return Response(complete(report, cached=cached, milliseconds=milliseconds), media_type="application/json")
