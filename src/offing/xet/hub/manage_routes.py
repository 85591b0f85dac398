"""Repositories are made, changed and removed; so are their branches and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.hub.bodies import read_json
from offing.xet.hub.commit_routes import now
from offing.xet.hub.commits import Commit, Entry
from offing.xet.hub.git_ids import blob_id
from offing.xet.hub.names import RepositoryName, check_reference, repository_name
from offing.xet.hub.people import Caller
from offing.xet.hub.refusals import Refusal, bad, no_revision
from offing.xet.hub.repositories import MAIN, Card, Repository
from offing.xet.hub.routing import Route
from offing.xet.hub.state import Hub, named

_ATTRIBUTES = (
    b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n"
)


CONFLICT = 409


class _Creation(msgspec.Struct):
    name: str
    organization: str | None = None
    type: str = "model"
    private: bool | None = None
    visibility: str | None = None


class _Settings(msgspec.Struct):
    private: bool | None = None
    visibility: str | None = None
    gated: bool | str | None = None


class _Branch(msgspec.Struct, rename="camel"):
    starting_point: str = MAIN


class _Tag(msgspec.Struct):
    tag: str


class ManageRoutes:
    """Handlers that change repositories themselves."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        repository = "/api/{kind:kind}/{owner}/{name}"
        return [
            Route(("POST",), "/api/repos/create", self.create),
            Route(("DELETE",), "/api/repos/delete", self.remove),
            Route(("PUT",), repository + "/settings", self.settings),
            Route(("POST",), repository + "/branch/{reference}", self.branch),
            Route(("DELETE",), repository + "/branch/{reference}", self.remove_branch),
            Route(("POST",), repository + "/tag/{revision}", self.tag),
            Route(("DELETE",), repository + "/tag/{reference}", self.remove_tag),
        ]

    async def create(self, request: Request) -> Response:
        """Make a repository."""
        asked, name, caller = await self._asked(request)
        card = Card(now(), private=bool(asked.private) or asked.visibility == "private")
        sha256 = await self._hub.check(self._hub.contents.keep, _ATTRIBUTES)
        attributes = Entry(blob_id(_ATTRIBUTES), len(_ATTRIBUTES), sha256, large=False)
        first = Commit("", "initial commit", "", caller.name, card.created, {".gitattributes": attributes})
        place = name.short if name.kind == "models" else str(name)
        body = {"url": f"{self._hub.base(request)}/{place}", "name": name.short, "id": name.short}
        try:
            await self._hub.check(self._hub.repositories.create, caller, name, card, first)
        except Refusal as refusal:
            if refusal.status != CONFLICT:
                raise
            # Clients that are content with what is there read where it is.
            return JSONResponse({"error": refusal.text, **body}, CONFLICT)
        return JSONResponse(body)

    async def remove(self, request: Request) -> Response:
        """Remove a repository."""
        _, name, caller = await self._asked(request)
        await self._hub.check(self._hub.repositories.remove, caller, name)
        return JSONResponse({})

    async def settings(self, request: Request) -> Response:
        """Make a repository private or public, gated or not."""
        repository = self._writable(request)
        asked = await read_json(request, self._hub.settings.largest_question, _Settings)
        changed: dict[str, Any] = {}
        if asked.private is not None or asked.visibility is not None:
            changed["private"] = bool(asked.private) or asked.visibility == "private"
        if asked.gated is not None:
            changed["gated"] = bool(asked.gated)
        await self._change(repository, lambda card: msgspec.structs.replace(card, **changed))
        return JSONResponse({"private": repository.card.private, "gated": repository.card.gated})

    async def branch(self, request: Request) -> Response:
        """Make a branch from a revision."""
        repository = self._writable(request)
        asked = await read_json(request, self._hub.settings.largest_question, _Branch)
        name = check_reference(request.path_params["reference"])
        target, _ = repository.resolve(asked.starting_point)

        def add(card: Card) -> Card:
            if name in card.branches:
                raise Refusal(409, "Reference already exists")
            return msgspec.structs.replace(card, branches={**card.branches, name: target})

        await self._change(repository, add)
        return JSONResponse({})

    async def remove_branch(self, request: Request) -> Response:
        """Remove a branch; its commits stay."""
        name = request.path_params["reference"]
        if name == MAIN:
            raise bad("The main branch stays.")

        def drop(card: Card) -> Card:
            return msgspec.structs.replace(card, branches=_without(card.branches, name))

        await self._change(self._writable(request), drop)
        return JSONResponse({})

    async def tag(self, request: Request) -> Response:
        """Tag a revision."""
        repository = self._writable(request)
        asked = await read_json(request, self._hub.settings.largest_question, _Tag)
        name = check_reference(asked.tag)
        target, _ = repository.resolve(request.path_params["revision"])

        def add(card: Card) -> Card:
            if name in card.tags:
                raise Refusal(409, "Tag reference exists already")
            return msgspec.structs.replace(card, tags={**card.tags, name: target})

        await self._change(repository, add)
        return JSONResponse({})

    async def remove_tag(self, request: Request) -> Response:
        """Remove a tag."""
        name = request.path_params["reference"]

        def drop(card: Card) -> Card:
            return msgspec.structs.replace(card, tags=_without(card.tags, name))

        await self._change(self._writable(request), drop)
        return JSONResponse({})

    async def _asked(self, request: Request) -> tuple[_Creation, RepositoryName, Caller]:
        caller = self._hub.caller(request)
        asked = await read_json(request, self._hub.settings.largest_question, _Creation)
        owner, _, name = asked.name.rpartition("/")
        try:
            found = repository_name(f"{asked.type}s", owner or asked.organization or caller.name, name)
        except Refusal:
            raise bad("Not a name of a repository.") from None
        return asked, found, caller

    async def _change(self, repository: Repository, change: Callable[[Card], Card]) -> None:
        def work() -> None:
            with repository.lock:
                repository.save(change(repository.card))

        await self._hub.check(work)

    def _writable(self, request: Request) -> Repository:
        return self._hub.repositories.writable(self._hub.caller(request), named(request))


def _without(references: dict[str, str], name: str) -> dict[str, str]:
    if name not in references:
        raise no_revision()
    return {each: target for each, target in references.items() if each != name}
