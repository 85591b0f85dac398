"""The routes with a memory: what the hub's API says is noted, and offline it is answered from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.addresses import read_repository, segments
from offing.xet.callers import token_of
from offing.xet.engine.resolved import Resolved
from offing.xet.known_answers import (
    Rewritten,
    Room,
    decodable,
    pack,
    repository_of,
    target_of,
    unpack,
)
from offing.xet.library import Library
from offing.xet.own_address import address_of
from offing.xet.problems import NotCached
from offing.xet.repository_listing import MOST_FILES
from offing.xet.routes import XetRoutes

REFUSALS = (401, 403, 404)


class OnlineRoutes(XetRoutes):
    """Pass the hub's answers on, without its word of Xet, and note those that tell of repositories."""

    _room = Room()

    async def pass_on(self, request: Request) -> Response:
        """``/api/…`` as the hub answers it."""
        repository = repository_of(request)
        if repository is None or request.method == "HEAD":
            return await super().pass_on(request)
        answer = await super().pass_on(decodable(request))
        if request.method != "GET" or not self._library.shelf.keeps:
            return Rewritten(answer, self._room, None)
        known, token, target = self._library.known, token_of(request, self._settings), target_of(request)
        if answer.status_code in REFUSALS:
            await known.forget_answer(target, token)

        async def keep(headers: dict[str, str], body: bytes) -> None:
            await known.remember_answer(repository, token, target, (pack(headers, request), body))

        return Rewritten(answer, self._room, keep)


class OfflineRoutes(XetRoutes):
    """Ask nobody."""

    async def pass_on(self, request: Request) -> Response:
        """``/api/…`` as the hub answered it to this token, or to strangers."""
        if repository_of(request) is None or request.method == "POST":
            raise NotCached("This service is set to be offline, and answers this part of the API never.")
        token = token_of(request, self._settings)
        headers, body = await self._library.known.find_answer(target_of(request), token)
        return Response(body, headers=unpack(headers, address_of(request)))

    async def repository(self, request: Request) -> Response:
        """``GET /repos/{owner}/{repo}``: what is known of it."""
        return JSONResponse(await list_known(request, self._library, token_of(request, self._settings)))


async def list_known(request: Request, library: Library, token: str | None) -> dict[str, Any]:
    """The body of ``GET /repos/…`` while offline; of members that nobody can know the value is null."""
    revision = request.query_params.get("revision") or "main"
    repository, folder = read_repository(segments(request)[1:], revision)
    files = await library.known.list_files(repository, token, MOST_FILES + 1)
    below = "".join(f"{part}/" for part in folder)
    told = [
        _told(file, cached=library.holds_file(file))
        for file in files[:MOST_FILES]
        if file.path.startswith(below)
    ]
    if not told:
        raise NotCached
    total, cached = (
        sum(each["bytes"] for each in told if each["cached"] or every) for every in (True, False)
    )
    return {
        "repository": repository.name,
        "kind": repository.kind,
        "revision": revision,
        "commit": _only([file.commit for file in files if file.commit]),
        "private": None,
        "gated": None,
        "files": told,
        "truncated": True,
        "bytes": total,
        "cached_bytes": cached,
        "cached_share": round(cached / total, 4) if total else 0.0,
        "offline": True,
    }


def _told(file: Resolved, *, cached: bool) -> dict[str, Any]:
    return {
        "path": file.path,
        "bytes": file.size,
        "sha256": file.sha256,
        "xet_hash": file.xet_hash,
        "cached": cached or not file.size,
    }


def _only(commits: Sequence[str]) -> str | None:
    """The commit, where all are of one."""
    return commits[0] if len(set(commits)) == 1 else None
