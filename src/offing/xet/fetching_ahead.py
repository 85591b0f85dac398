"""Fetching a file into the cache before anybody asks for it: the work of ``POST /download/jobs``."""

from __future__ import annotations

from contextlib import aclosing
from typing import get_args
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.kernel.operation import Operation
from offing.kernel.problems import BadRequest, Invalid
from offing.xet import descriptions
from offing.xet.callers import token_of
from offing.xet.descriptions import Ahead
from offing.xet.engine.repository import Kind, Repository, check_path
from offing.xet.engine.resolved import Resolved
from offing.xet.hub_words import telling
from offing.xet.library import Library
from offing.xet.problems import BadName, NothingKept, UpstreamFailed
from offing.xet.ranges import Span
from offing.xet.settings import XetSettings

KINDS: dict[str, Kind] = {kind.removesuffix("s"): kind for kind in get_args(Kind)}


class FetchingAhead:
    """One operation over a library, which is no route: only jobs run it."""

    def __init__(self, library: Library, settings: XetSettings) -> None:
        self._library, self._settings = library, settings

    def operation(self) -> Operation:
        """The operation, described."""
        return descriptions.fetching(telling(self.fetch), telling(self.check))

    async def check(self, request: Request) -> Response:
        """Ask the hub whether the caller may have the file, and the cache whether it would keep it."""
        await self._found(request)
        return Response(status_code=204)

    async def fetch(self, request: Request) -> Response:
        """Fetch the whole file, verify it and keep it."""
        file, token = await self._found(request)
        if not self._library.holds_file(file):
            opened = self._library.open(file, Span(0, file.size), token)
            async with aclosing(opened.pieces) as pieces:
                async for _ in pieces:
                    pass
            if not await self._library.settled(file):
                raise UpstreamFailed("The file has come, but the cache could not keep it.")
        return JSONResponse(
            {"bytes": file.size, "etag": file.etag, "commit": file.commit, "location": location_of(file)}
        )

    async def _found(self, request: Request) -> tuple[Resolved, str | None]:
        """The file that a request asks for, as the hub tells its caller of it; and the caller's token.

        Raises BadRequest, Invalid, BadName, NothingKept, and what the hub refuses.
        """
        token = token_of(request, self._settings)
        asked = _read(await request.body())
        if not self._library.shelf.keeps:
            raise NothingKept
        file = await self._library.resolve(
            Repository(asked.repo, KINDS[asked.type], asked.revision), asked.path, token
        )
        if not self._library.may_keep(file):
            raise NothingKept
        return file, token


def location_of(file: Resolved) -> str:
    """Where this service has a file, at its commit."""
    name = quote(f"{file.repository.full_name}/{file.path}")
    return f"/download/{name}?revision={quote(file.commit or file.repository.revision, safe='')}"


def _read(body: bytes) -> Ahead:
    try:
        asked = msgspec.json.decode(body, type=Ahead)
    except msgspec.ValidationError:
        raise Invalid("The body names no file.", remedy="Send JSON with `repo` and `path`.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest("The body is not a JSON object.") from None
    if "/" not in asked.repo:  # the oldest repositories have no owner, and no path of ours
        raise BadName
    check_path(asked.path)
    return asked
