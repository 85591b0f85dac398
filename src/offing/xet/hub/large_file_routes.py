"""Uploads of large files without Xet: the batch API of Git LFS, and where it sends the content."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.hub.bodies import read_json, save_body
from offing.xet.hub.names import repository_name
from offing.xet.hub.refusals import bad, no_content
from offing.xet.hub.repositories import Repository
from offing.xet.hub.routing import Route
from offing.xet.hub.state import Hub, named
from offing.xet.hub.uploads import Upload

_SHA256 = re.compile(r"[0-9a-f]{64}")


class _Object(msgspec.Struct):
    oid: str
    size: int


class _Batch(msgspec.Struct):
    operation: str
    objects: list[_Object]


class _Target(msgspec.Struct):
    type: str
    name: str


class _File(msgspec.Struct):
    sha256: str


class _Copies(msgspec.Struct):
    target: _Target
    files: list[_File]


class LargeFileRoutes:
    """Handlers of Git LFS uploads."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        batch = "{owner}/{name}.git/info/lfs/objects/batch"
        return [
            *(
                Route(("POST",), f"/{kind}/{batch}", partial(self.batch, kind=kind))
                for kind in ("datasets", "spaces")
            ),
            Route(("POST",), f"/{batch}", partial(self.batch, kind="models")),
            Route(("PUT",), "/contents/{sha256}", self.take),
            Route(("POST",), "/api/{kind:kind}/{owner}/{name}/lfs-files/duplicate", self.copy),
        ]

    async def batch(self, request: Request, *, kind: str) -> Response:
        """Where to put each object; those that the repository has need no upload."""
        part = request.path_params
        name = repository_name(kind, part["owner"], part["name"])
        repository = self._hub.repositories.writable(self._hub.caller(request), name)
        asked = await read_json(request, self._hub.settings.largest_question, _Batch)
        if asked.operation != "upload":
            raise bad("Only uploads are answered here.")
        base = self._hub.base(request)
        objects = [self._object(base, repository, each) for each in asked.objects]
        return JSONResponse({"transfer": "basic", "objects": objects})

    async def take(self, request: Request) -> Response:
        """Keep content by a signed URL, which says for what repository it is and how large."""
        sha256, query = request.path_params["sha256"], request.query_params
        about = query.get("about", "")
        self._hub.signer.check(
            _path(sha256, "PUT"), about, query.get("expires", ""), query.get("signature", "")
        )
        size, _, place = about.partition(",")
        repository = self._hub.repositories.find(repository_name(*place.split("/")))
        if repository is None:
            raise no_content()
        with self._hub.disk.temporary() as temporary:
            if await save_body(request, int(size), temporary) != int(size):
                raise bad("The content has another size.")
            await self._hub.check(self._keep, repository, Upload(sha256, int(size)), temporary)
        return Response(None, 200)

    async def copy(self, request: Request) -> Response:
        """Let another repository's commits name large files of this one."""
        caller, repositories = self._hub.caller(request), self._hub.repositories
        source = repositories.readable(caller, named(request))
        asked = await read_json(request, self._hub.settings.largest_question, _Copies)
        owner, _, name = asked.target.name.partition("/")
        target = repositories.writable(caller, repository_name(f"{asked.target.type}s", owner, name))
        found = {file.sha256: source.uploads.find(file.sha256) for file in asked.files}
        await self._hub.check(_note, target, [upload for upload in found.values() if upload])
        failed = [{"sha256": each, "error": "Not found"} for each, upload in found.items() if not upload]
        return JSONResponse({"failed": failed})

    def _keep(self, repository: Repository, upload: Upload, temporary: Path) -> None:
        self._hub.contents.take(upload.sha256, temporary)
        _note(repository, [upload])

    def _object(self, base: str, repository: Repository, wanted: _Object) -> dict[str, Any]:
        fits = _SHA256.fullmatch(wanted.oid) and 0 < wanted.size <= self._hub.settings.largest_file
        if not fits:
            return {"oid": wanted.oid, "size": wanted.size, "error": {"code": 422, "message": "Not taken."}}
        answer: dict[str, Any] = {"oid": wanted.oid, "size": wanted.size, "authenticated": True}
        there = repository.uploads.find(wanted.oid)
        if there is None or there.size != wanted.size:
            about = f"{wanted.size},{repository.name}"
            signed = self._hub.signer.query(_path(wanted.oid, "PUT"), about, self._hub.settings.url_seconds)
            answer["actions"] = {"upload": {"href": f"{base}{_path(wanted.oid)}?{signed}", "header": {}}}
        return answer


def _note(repository: Repository, uploads: list[Upload]) -> None:
    with repository.lock:
        repository.uploads.add(uploads)


def _path(sha256: str, method: str = "") -> str:
    return f"{method}/contents/{sha256}"
