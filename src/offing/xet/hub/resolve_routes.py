"""Files by repository, revision and path: their heads, and their bytes for clients that do without Xet."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from email.utils import format_datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from offing.xet.hub.commits import Commit, Entry
from offing.xet.hub.names import RepositoryName, repository_name
from offing.xet.hub.ranges import Range
from offing.xet.hub.recipes import Recipe
from offing.xet.hub.refusals import no_content, no_entry
from offing.xet.hub.routing import Route
from offing.xet.hub.sending import Piece, Pieces, from_file, send_content
from offing.xet.hub.state import Hub
from offing.xet.hub.unpacking import unpack
from offing.xet.hub.xorbs import Xorbs


class ResolveRoutes:
    """Handlers of resolve, and of where it redirects large files to if it is told to."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        reads = ("GET", "HEAD")
        file = "{owner}/{name}/resolve/{revision}/{path:path}"
        return [
            *(
                Route(reads, f"/{kind}/{file}", partial(self.resolve, kind=kind))
                for kind in ("datasets", "spaces")
            ),
            Route(reads, f"/{file}", partial(self.resolve, kind="models")),
            Route(reads, "/contents/{sha256}", self.content),
        ]

    async def resolve(self, request: Request, *, kind: str) -> Response:
        """A file of a repository."""
        part = request.path_params
        name = repository_name(kind, part["owner"], part["name"])
        repository = self._hub.repositories.readable(self._hub.caller(request), name)
        commit_id, commit = repository.resolve(part["revision"])
        entry = commit.files.get(part["path"])
        if entry is None:
            missing = no_entry()
            missing.headers["X-Repo-Commit"] = commit_id
            raise missing
        headers = self._headers(request, name, commit_id, commit, entry)
        if _has(request.headers.get("if-none-match", ""), entry.etag):
            return Response(None, 304, headers)
        if entry.large and self._hub.settings.redirects_to:
            return self._redirect(entry, headers)
        return send_content(request, entry.size, {**headers, "ETag": entry.etag}, self._pieces(entry))

    async def content(self, request: Request) -> Response:
        """A large file by a signed URL."""
        sha256, query = request.path_params["sha256"], request.query_params
        about = query.get("about", "")
        self._hub.signer.check(
            f"/contents/{sha256}", about, query.get("expires", ""), query.get("signature", "")
        )
        size, _, xet = about.partition(",")
        entry = Entry("", int(size), sha256, large=True, xet=xet)
        return send_content(request, entry.size, {"ETag": entry.etag}, self._pieces(entry))

    def _redirect(self, entry: Entry, headers: dict[str, str]) -> Response:
        path = f"/contents/{entry.sha256}"
        query = self._hub.signer.query(path, f"{entry.size},{entry.xet}", self._hub.settings.url_seconds)
        location = f"{self._hub.settings.redirects_to}{path}?{query}"
        return Response(None, 302, {**headers, "Location": location})

    def _headers(
        self, request: Request, name: RepositoryName, commit_id: str, commit: Commit, entry: Entry
    ) -> dict[str, str]:
        when = dt.datetime.fromisoformat(commit.date)
        headers = {
            "X-Repo-Commit": commit_id,
            "Last-Modified": format_datetime(when, usegmt=True),
            "Content-Type": "application/octet-stream",
            "Access-Control-Expose-Headers": "X-Repo-Commit, X-Linked-Size, X-Linked-ETag, X-Xet-Hash, ETag",
        }
        if entry.large:
            headers |= {"X-Linked-Size": str(entry.size), "X-Linked-ETag": entry.etag}
        if entry.xet:
            base = self._hub.base(request)
            token = f"{base}/api/{name}/xet-read-token/{commit_id}"
            headers |= {
                "X-Xet-Hash": entry.xet,
                "Link": f'<{token}>; rel="xet-auth", '
                f'<{base}/v1/reconstructions/{entry.xet}>; rel="xet-reconstruction-info"',
            }
        return headers

    def _pieces(self, entry: Entry) -> Pieces:
        if not entry.xet:
            return from_file(self._hub.contents.path(entry.sha256))
        recipe = self._hub.recipes.find(entry.xet)
        if recipe is None:
            raise no_content()
        return partial(_unpacked, recipe, self._hub.xorbs)


def _has(tags: str, etag: str) -> bool:
    """Whether an If-None-Match header names an ETag (RFC 9110, section 13.1.2)."""
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags.split(","))


async def _unpacked(recipe: Recipe, xorbs: Xorbs, wanted: Range) -> AsyncGenerator[Piece]:
    pieces = unpack(recipe, wanted, xorbs)
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        if piece:
            yield piece
