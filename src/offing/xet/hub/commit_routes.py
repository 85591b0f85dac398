"""Commits: what to upload how, and the commit itself."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from itertools import chain

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.hub.bodies import drop_body, read_body, read_json
from offing.xet.hub.change import Change, Header, Line, read_change
from offing.xet.hub.commits import Commit
from offing.xet.hub.names import check_reference
from offing.xet.hub.people import Caller
from offing.xet.hub.refusals import Refusal, bad, no_revision
from offing.xet.hub.repositories import Repository
from offing.xet.hub.routing import Route
from offing.xet.hub.state import Hub, named

LARGEST_TEXT = 10 << 20
"""Text above this is kept as a large file."""


class _Candidate(msgspec.Struct):
    path: str
    size: int
    sample: str = ""


class _Candidates(msgspec.Struct):
    files: list[_Candidate]


class CommitRoutes:
    """Handlers of preupload and commit."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        at = "/api/{kind:kind}/{owner}/{name}/%s/{revision}"
        return [
            Route(("POST",), at % "preupload", self.preupload),
            Route(("POST",), at % "commit", self.commit),
            Route(("POST",), "/api/validate-yaml", self.validate),
        ]

    async def preupload(self, request: Request) -> Response:
        """Which files are to be uploaded as large ones, and what stands at their paths now."""
        repository = self._hub.repositories.writable(self._hub.caller(request), named(request))
        _, before = repository.resolve(request.path_params["revision"])
        asked = await read_json(request, self._hub.settings.largest_question, _Candidates)
        files = []
        for each in asked.files:
            mode = "lfs" if each.size > LARGEST_TEXT or not _is_text(each.sample) else "regular"
            there = before.files.get(each.path)
            oid = None if there is None else there.sha256 if there.large else there.oid
            files.append({"path": each.path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return JSONResponse({"files": files})

    async def commit(self, request: Request) -> Response:
        """Make a commit on a branch: all of it, or nothing."""
        caller = self._hub.caller(request)
        repository = self._hub.repositories.writable(caller, named(request))
        if request.query_params.get("create_pr"):
            raise bad("This hub has no pull requests.")
        data = await read_body(request, self._hub.settings.largest_commit)
        branch = request.path_params["revision"].removeprefix("refs/heads/")
        commit_id = await self._hub.check(self._commit, caller, repository, branch, data)
        base, kind = self._hub.base(request), repository.name.kind
        place = repository.name.short if kind == "models" else f"{kind}/{repository.name.short}"
        body = {"success": True, "commitOid": commit_id, "commitUrl": f"{base}/{place}/commit/{commit_id}"}
        return JSONResponse(body)

    async def validate(self, request: Request) -> Response:
        """Nothing of a card's head is checked here."""
        await drop_body(request, LARGEST_TEXT)
        return JSONResponse({"errors": [], "warnings": []})

    def _commit(self, caller: Caller, repository: Repository, branch: str, data: bytes) -> str:
        header, lines = read_change(data)
        with repository.lock:
            return self._commit_alone(caller, repository, branch, header, lines)

    def _commit_alone(
        self, caller: Caller, repository: Repository, branch: str, header: Header, lines: list[Line]
    ) -> str:
        before_id = repository.card.branches.get(check_reference(branch))
        if before_id is None:
            raise no_revision()
        if header.parent_commit and not before_id.startswith(header.parent_commit):
            raise Refusal(412, "The branch has a newer commit than the parent that is named.")
        before = repository.commit(before_id).files
        change = Change(before, repository.uploads.find, self._hub.contents.keep)
        for line in lines:
            change.apply(line)
        commit = Commit(before_id, header.summary, header.description, caller.name, now(), change.files)
        return repository.append(branch, commit)


def now() -> str:
    """The time, as commits tell it."""
    moment = dt.datetime.now(dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _is_text(sample: str) -> bool:
    try:
        head = base64.b64decode(sample, validate=True)
    except binascii.Error:
        raise bad("A sample is not base64.") from None
    # The sample may end within a character: at most three bytes of it are missing.
    cut = chain([head], (head[:-count] for count in range(1, 4)))
    return b"\0" not in head and any(_decodes(each) for each in cut)


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
