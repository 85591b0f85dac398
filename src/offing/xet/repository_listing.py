"""A repository's files, and how much of them the cache has."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from offing.xet.addresses import read_repository, segments
from offing.xet.engine.listing import ListedFile
from offing.xet.engine.repository import check_path
from offing.xet.library import Library

MOST_FILES = 50_000
"""Told in one answer; a larger repository is asked for folder by folder."""


async def list_repository(request: Request, library: Library, token: str | None) -> dict[str, Any]:
    """The body of ``GET /repos/[datasets/|spaces/]{owner}/{repo}[/folder]``. Raises a XetProblem."""
    revision = request.query_params.get("revision") or "main"
    repository, parts = read_repository(segments(request)[1:], revision)
    if folder := "/".join(parts):
        check_path(folder)
    info = await library.reader.hub.info(repository, token)
    pinned = repository.at(info.commit)
    files: list[ListedFile] = []
    truncated = False
    async for file in library.reader.hub.files(pinned, token, folder=folder):
        if len(files) == MOST_FILES:
            truncated = True
            break
        files.append(file)
    told = [_told(file, cached=library.holds(file.xet_hash)) for file in files]
    total, cached = sum(file.size for file in files), sum(each["bytes"] for each in told if each["cached"])
    return {
        "repository": repository.name,
        "kind": repository.kind,
        "revision": revision,
        "commit": info.commit,
        "private": info.private,
        "gated": info.gated,
        "files": told,
        "truncated": truncated,
        "bytes": total,
        "cached_bytes": cached,
        "cached_share": round(cached / total, 4) if total else 0.0,
    }


def _told(file: ListedFile, *, cached: bool) -> dict[str, Any]:
    return {
        "path": file.path,
        "bytes": file.size,
        "sha256": file.sha256,
        "xet_hash": file.xet_hash,
        "cached": cached,
    }
