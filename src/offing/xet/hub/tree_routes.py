"""Listings of a repository's files."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.hub.bodies import read_body, read_json
from offing.xet.hub.commits import Commit
from offing.xet.hub.listing import LastChanges, paths_below, row
from offing.xet.hub.paging import link_to_next, page_limit, yes
from offing.xet.hub.refusals import no_entry
from offing.xet.hub.repositories import Repository
from offing.xet.hub.routing import Route
from offing.xet.hub.state import Hub, named

LARGEST_PAGE = 1000
LARGEST_EXPANDED_PAGE = 50


class _Paths(msgspec.Struct):
    paths: list[str]
    expand: bool = False


class TreeRoutes:
    """Handlers of tree and paths-info. Like the public hub's, they answer for gated repositories."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        at = "/api/{kind:kind}/{owner}/{name}/%s/{revision}"
        return [
            Route(("GET",), at % "tree", self.tree),
            Route(("GET",), at % "tree" + "/{path:path}", self.tree),
            Route(("POST",), at % "paths-info", self.paths),
        ]

    async def tree(self, request: Request) -> Response:
        """The files and folders in a folder, and below it where ``recursive``, a page at a time."""
        repository, commit_id, commit = self._at(request)
        expand = yes(request, "expand")
        folder = request.path_params.get("path", "").strip("/")
        listed = paths_below(commit, folder, recursive=yes(request, "recursive"))
        if folder and not listed:
            raise no_entry()
        cursor = request.query_params.get("cursor", "")
        listed = [path for path in listed if path > cursor]
        limit = page_limit(request, LARGEST_EXPANDED_PAGE if expand else LARGEST_PAGE)
        page = [row(commit, path) for path in listed[:limit]]
        if expand:
            changes = LastChanges(repository, commit_id)
            page = [changes.expand(each) for each in page]
        following = {}
        if len(listed) > limit:
            following = link_to_next(request, self._hub.base(request), cursor=listed[limit - 1])
        return JSONResponse(page, headers=following)

    async def paths(self, request: Request) -> Response:
        """What stands at some paths; those where nothing stands are left out."""
        repository, commit_id, commit = self._at(request)
        asked = await self._asked(request)
        found = [row(commit, path) for path in asked.paths if path in commit.files or path in commit.folders]
        if asked.expand:
            changes = LastChanges(repository, commit_id)
            found = [changes.expand(each) for each in found]
        return JSONResponse(found)

    async def _asked(self, request: Request) -> _Paths:
        limit = self._hub.settings.largest_question
        if request.headers.get("content-type", "").startswith("application/json"):
            return await read_json(request, limit, _Paths)
        from urllib.parse import parse_qs

        form = parse_qs((await read_body(request, limit)).decode("utf-8", "replace"))
        return _Paths(form.get("paths", []), form.get("expand", [""])[0].lower() in ("true", "1"))

    def _at(self, request: Request) -> tuple[Repository, str, Commit]:
        repository = self._hub.repositories.known_to(self._hub.caller(request), named(request))
        return repository, *repository.resolve(request.path_params["revision"])
