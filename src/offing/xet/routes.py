"""The HTTP surface of Xet downloads: files by name or by hash, listings, and the hub's own paths."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.kernel.admission import Admission
from offing.kernel.exchange import exchange_of
from offing.kernel.metrics import Metrics
from offing.kernel.operation import Operation
from offing.xet import descriptions
from offing.xet.addresses import read_download, read_named, read_resolve, segments
from offing.xet.answers import answer_file
from offing.xet.callers import own_token_of, token_of
from offing.xet.content import Content
from offing.xet.engine.hashes import is_text
from offing.xet.engine.resolved import Resolved
from offing.xet.hub_words import telling
from offing.xet.library import Library, Opened
from offing.xet.passing import Passing, may_share
from offing.xet.problems import BadName
from offing.xet.ranges import Span
from offing.xet.repository_listing import list_repository
from offing.xet.settings import XetSettings

CALLS, CALLS_WAITING = 64, 256
"""Questions that are passed on to the hub at once, and that wait for that."""


class XetRoutes:
    """The endpoints over a library."""

    def __init__(self, library: Library, settings: XetSettings, metrics: Metrics) -> None:
        self._library, self._settings = library, settings
        self._passing = Passing(library.reader.http, library.reader.hub)
        # A stream is long and costs little: nobody waits for another's end.
        self._admission = Admission("xet.streams", slots=settings.streams, queue=0, metrics=metrics)
        self._calls = Admission("xet.calls", slots=CALLS, queue=CALLS_WAITING, metrics=metrics)

    def operations(self) -> Sequence[Operation]:
        """The routes, described."""
        return (
            descriptions.download(telling(self.download)),
            descriptions.download_hash(telling(self.download_hash)),
            descriptions.listing(telling(self.repository)),
            # The more special first: a folder may be called "resolve", a repository may not be called "api".
            descriptions.paths_info(telling(self.pass_on)),
            descriptions.hub_api(telling(self.pass_on)),
            descriptions.resolve(telling(self.resolve)),
        )

    async def download(self, request: Request) -> Response:
        """``GET /download/{owner}/{repo}/{path}``."""
        repository, path = read_download(request)
        token = token_of(request, self._settings)
        with exchange_of(request.scope).stage("resolve"):
            file = await self._library.resolve(repository, path, token)
        return await self._answer(request, file, token)

    async def download_hash(self, request: Request) -> Response:
        """``GET /download-hash/{hash}?repo=``."""
        file_hash = segments(request)[-1].lower()
        named = request.query_params.get("repo")
        if not is_text(file_hash) or not named:
            raise BadName
        repository = read_named(named, request.query_params.get("revision") or "main")
        token = token_of(request, self._settings)
        with exchange_of(request.scope).stage("resolve"):
            file = await self._library.resolve_hash(repository, file_hash, token)
        return await self._answer(request, file, token)

    async def resolve(self, request: Request) -> Response:
        """``GET /{owner}/{repo}/resolve/{revision}/{path}``, without the hub's word of Xet.

        A client that reads of Xet asks the content store itself, and verifies nothing.
        """
        repository, path = read_resolve(request)
        token = token_of(request, self._settings)
        with exchange_of(request.scope).stage("resolve"):
            file = await self._library.resolve(repository, path, token)
        return await self._answer(request, file, token)

    async def repository(self, request: Request) -> Response:
        """``GET /repos/{owner}/{repo}``."""
        token = token_of(request, self._settings)
        async with self._calls.place():
            return JSONResponse(await list_repository(request, self._library, token))

    async def pass_on(self, request: Request) -> Response:
        """``/api/…`` as the hub answers it."""
        token = token_of(request, self._settings) if may_share(request) else own_token_of(request)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._calls.place())
            return _until_sent(await self._passing.answer(request, token), stack)

    async def _answer(self, request: Request, file: Resolved, token: str | None) -> Response:
        exchange = exchange_of(request.scope)

        def open_span(span: Span) -> Opened:
            opened = self._library.open(file, span, token)
            if request.method != "HEAD":
                exchange.cache = opened.cache
            return opened

        async with AsyncExitStack() as stack:
            if request.method != "HEAD":
                await stack.enter_async_context(self._admission.place())
            return _until_sent(answer_file(request, file, open_span), stack)


def _until_sent(answer: Response, stack: AsyncExitStack) -> Response:
    """The answer, which leaves what the stack holds once its content is sent."""
    if isinstance(answer, Content):
        answer.closing = stack.pop_all()
    return answer
