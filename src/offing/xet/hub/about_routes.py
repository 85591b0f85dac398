"""What the hub tells of callers and repositories, and the tokens that it gives for the content store."""

from __future__ import annotations

import time
from functools import partial
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.hub.commits import Commit
from offing.xet.hub.listing import large
from offing.xet.hub.names import KINDS
from offing.xet.hub.paging import link_to_next, number, page_limit, yes
from offing.xet.hub.refusals import no_credentials
from offing.xet.hub.repositories import MAIN, Repository, check_writer
from offing.xet.hub.routing import Route
from offing.xet.hub.signing import Claims, Right
from offing.xet.hub.state import Hub, named

LARGEST_PAGE = 1000
_ID_NAMES = dict(zip(KINDS, ("modelId", "datasetId", "spaceId"), strict=True))


class AboutRoutes:
    """Handlers of the hub's API that change nothing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        repository = "/api/{kind:kind}/{owner}/{name}"
        get = ("GET",)
        return [
            Route(get, repository + "/xet-read-token/{revision}", partial(self.token, right="read")),
            Route(get, repository + "/xet-write-token/{revision}", partial(self.token, right="write")),
            Route(get, "/api/whoami-v2", self.whoami),
            Route(get, "/api/{kind:kind}", self.repositories),
            Route(get, repository, self.info),
            Route(get, repository + "/revision/{revision}", self.info),
            Route(get, repository + "/refs", self.references),
            Route(get, repository + "/commits/{revision}", self.commits),
            Route(get, repository + "/auth-check", self.auth_check),
        ]

    async def whoami(self, request: Request) -> Response:
        """Who the token stands for."""
        caller = self._hub.caller(request)
        if caller.user is None:
            raise no_credentials()
        role = "write" if caller.user.writes else "read"
        others = [owner for owner in caller.user.owners if owner not in ("*", caller.name)]
        return JSONResponse(
            {
                "type": "user",
                "id": caller.name,
                "name": caller.name,
                "fullname": caller.name,
                "isPro": False,
                "orgs": [{"type": "org", "name": owner, "fullname": owner} for owner in others],
                "auth": {"type": "access_token", "accessToken": {"displayName": caller.name, "role": role}},
            }
        )

    async def repositories(self, request: Request) -> Response:
        """The repositories of a kind that the caller may know of."""
        query = request.query_params
        found = self._hub.repositories.list(request.path_params["kind"], self._hub.caller(request))
        fitting = (
            each
            for each in found
            if query.get("author") in (None, each.name.owner) and query.get("search", "") in each.name.short
        )
        page = islice(fitting, page_limit(request, LARGEST_PAGE))
        return JSONResponse([_about(each, *each.resolve(MAIN)) for each in page])

    async def info(self, request: Request) -> Response:
        """A repository at a revision, with the names of its files; with ``blobs`` what else they are."""
        repository = self._hub.repositories.known_to(self._hub.caller(request), named(request))
        commit_id, commit = repository.resolve(request.path_params.get("revision", MAIN))
        body = _about(repository, commit_id, commit)
        siblings: list[dict[str, Any]] = [{"rfilename": path} for path in commit.paths]
        if yes(request, "blobs"):
            for sibling in siblings:
                entry = commit.files[sibling["rfilename"]]
                sibling |= {"blobId": entry.oid, "size": entry.size, **large(entry)}
                if lfs := sibling.get("lfs"):
                    lfs["sha256"] = lfs["oid"]
        return JSONResponse({**body, "siblings": siblings})

    async def auth_check(self, request: Request) -> Response:
        """Whether the caller may have the repository's content."""
        self._hub.repositories.readable(self._hub.caller(request), named(request))
        return JSONResponse({})

    async def token(self, request: Request, *, right: Right) -> Response:
        """A token for the content store: as JSON for hf_xet, in headers for huggingface_hub."""
        caller = self._hub.caller(request)
        repository = self._hub.repositories.readable(caller, named(request))
        if right == "write":
            check_writer(caller, repository.name.owner)
        else:
            repository.resolve(request.path_params["revision"])
        expires = time.time() + self._hub.settings.token_seconds
        token = self._hub.signer.token(Claims(str(repository.name), right, caller.name, expires))
        base = self._hub.base(request)
        headers = {
            "X-Xet-Cas-Url": base,
            "X-Xet-Access-Token": token,
            "X-Xet-Token-Expiration": str(int(expires)),
        }
        return JSONResponse({"accessToken": token, "exp": int(expires), "casUrl": base}, headers=headers)

    async def references(self, request: Request) -> Response:
        """Branches and tags."""
        card = self._hub.repositories.known_to(self._hub.caller(request), named(request)).card
        return JSONResponse(
            {
                "branches": _references("heads", card.branches),
                "tags": _references("tags", card.tags),
                "converts": [],
                "pullRequests": [],
            }
        )

    async def commits(self, request: Request) -> Response:
        """The commits up to a revision, newest first."""
        repository = self._hub.repositories.known_to(self._hub.caller(request), named(request))
        commit_id, _ = repository.resolve(request.path_params["revision"])
        limit, page = page_limit(request, LARGEST_PAGE), number(request, "p", 0)
        begin = page * limit
        listed = [
            {
                "id": each_id,
                "title": commit.title,
                "message": commit.message,
                "authors": [{"user": commit.author}],
                "date": commit.date,
            }
            for each_id, commit in islice(repository.history(commit_id), begin, begin + limit + 1)
        ]
        more = len(listed) > limit
        headers = link_to_next(request, self._hub.base(request), p=page + 1) if more else {}
        return JSONResponse(listed[:limit], headers=headers)


def _about(repository: Repository, commit_id: str, commit: Commit) -> dict[str, Any]:
    name, card = repository.name, repository.card
    return {
        "_id": commit_id[:24],
        "id": name.short,
        _ID_NAMES[name.kind]: name.short,
        "author": name.owner,
        "sha": commit_id,
        "lastModified": commit.date,
        "createdAt": card.created,
        "private": card.private,
        "gated": "auto" if card.gated else False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
    }


def _references(kind: str, found: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit_id}
        for name, commit_id in sorted(found.items())
    ]
