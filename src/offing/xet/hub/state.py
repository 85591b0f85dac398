"""Everything that the parts of one hub share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from starlette.requests import Request

from offing.xet.hub.contents import Contents
from offing.xet.hub.disk import Disk
from offing.xet.hub.names import RepositoryName, repository_name
from offing.xet.hub.people import Caller, People, load_people
from offing.xet.hub.recipes import Recipes
from offing.xet.hub.repositories import Repositories
from offing.xet.hub.settings import HubSettings
from offing.xet.hub.signing import Signer, load_signer
from offing.xet.hub.xorbs import Xorbs

CHECKS_AT_ONCE = 4
"""Uploads whose content is being checked; the others wait."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass
class Hub:
    """The parts of one hub."""

    settings: HubSettings
    disk: Disk
    people: People
    signer: Signer
    repositories: Repositories
    xorbs: Xorbs
    recipes: Recipes
    contents: Contents
    _checks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS_AT_ONCE))

    def base(self, request: Request) -> str:
        """What the URLs in an answer start with."""
        return self.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"

    def caller(self, request: Request) -> Caller:
        """Who asks. Raises Refusal (401)."""
        return self.people.caller(request.headers.get("authorization", ""))

    async def check(
        self, work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """Do work that takes the processor or the disk, in a thread, a few at a time."""
        async with self._checks:
            return await asyncio.to_thread(work, *args, **kwargs)


def named(request: Request) -> RepositoryName:
    """The repository that a request's path names. Raises Refusal (404)."""
    part = request.path_params
    return repository_name(part["kind"], part["owner"], part["name"])


def open_hub(settings: HubSettings) -> Hub:
    """The hub of a folder. Raises FolderTaken, BadTokens."""
    disk = Disk(settings.folder)
    xorbs = Xorbs(disk)
    return Hub(
        settings, disk, load_people(disk), load_signer(disk), Repositories(disk), xorbs,
        Recipes(disk, xorbs), Contents(disk),
    )  # fmt: skip
