"""The content store's side (CAS): xorbs, shards, reconstructions.

Source: draft-denis-xet, section "CAS API".
"""

from __future__ import annotations

import asyncio
from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from offing.xet.engine.hashes import is_text
from offing.xet.hub.bodies import drop_body, read_body, save_body
from offing.xet.hub.names import repository_name
from offing.xet.hub.ranges import Range, read_ranges
from offing.xet.hub.recipes import Recipe
from offing.xet.hub.reconstruction import reconstruct
from offing.xet.hub.refusals import Refusal, bad, no_content
from offing.xet.hub.repositories import Repository
from offing.xet.hub.routing import Route
from offing.xet.hub.sending import from_file, send_ranges
from offing.xet.hub.shards import BadShard, read_shard
from offing.xet.hub.signing import Right, spell_ranges
from offing.xet.hub.state import Hub
from offing.xet.hub.unpacking import sha256_of
from offing.xet.hub.uploads import Upload

LARGEST_TELEMETRY = 1 << 20
TERMS_AT_ONCE = 1000
"""A longer answer is put together in a thread."""


class StoreRoutes:
    """Handlers of the content store."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def routes(self) -> list[Route]:
        """What answers where."""
        reads = ("GET", "HEAD")
        return [
            Route(reads, "/xorbs/{hash}", self.xorb),
            Route(("GET",), "/v2/reconstructions/{hash}", partial(self.reconstruction, version=2)),
            Route(("GET",), "/v1/reconstructions/{hash}", partial(self.reconstruction, version=1)),
            Route(("GET",), "/reconstructions/{hash}", partial(self.reconstruction, version=1)),
            Route(("POST",), "/v1/xorbs/default/{hash}", self.take_xorb),
            Route(("HEAD",), "/v1/xorbs/default/{hash}", self.has_xorb),
            Route(("POST",), "/v1/shards", self.take_shard),
            Route(("POST",), "/shards", self.take_shard),
            Route(("POST",), "/v1/telemetry", _nothing),
        ]

    async def xorb(self, request: Request) -> Response:
        """Bytes of a xorb by a signed URL, exactly the ranges that it was signed for, or one of them."""
        name = _hash(request)
        query = request.query_params
        about = query.get("about", "")
        self._hub.signer.check(f"/xorbs/{name}", about, query.get("expires", ""), query.get("signature", ""))
        asked = request.headers.get("range", f"bytes={about}").removeprefix("bytes=").replace(" ", "")
        if asked != about and asked not in about.split(","):
            raise Refusal(403, "This URL was signed for other ranges.")
        place = self._hub.xorbs.path(name)
        try:
            size = place.stat().st_size
        except FileNotFoundError:
            raise no_content() from None
        ranges = read_ranges(f"bytes={asked}", size) or []
        headers = {"ETag": f'"{name}"', "Content-Type": "application/octet-stream"}
        return send_ranges(ranges, size, headers, from_file(place))

    async def reconstruction(self, request: Request, *, version: int) -> Response:
        """How a file, or the range of it that the Range header names, is put together."""
        if version == 2 and not self._hub.settings.second_version:  # noqa: PLR2004  the API's version
            raise no_content()
        recipe = self._recipe(request)
        asked = request.headers.get("range")
        ranges = read_ranges(asked, recipe.size) if asked else None
        if ranges is not None and len(ranges) > 1:
            raise bad("One range at a time.")
        wanted = ranges[0] if ranges else (0, recipe.size)
        work = partial(self._answer, self._hub.base(request), recipe, wanted, version)
        terms = recipe.term_at(wanted[1]) - recipe.term_at(wanted[0])
        body = work() if terms < TERMS_AT_ONCE else await asyncio.to_thread(work)
        return Response(body, media_type="application/json")

    async def take_xorb(self, request: Request) -> Response:
        """Keep a xorb that is what its hash says."""
        self._repository(request, "write")
        name = _hash(request)
        with self._hub.disk.temporary() as temporary:
            await save_body(request, self._hub.settings.largest_xorb, temporary)
            new = not self._hub.xorbs.has(name)
            if new:
                await self._hub.check(self._hub.xorbs.take, name, temporary)
        return JSONResponse({"was_inserted": new})

    async def has_xorb(self, request: Request) -> Response:
        """Whether there is a xorb of this hash."""
        self._repository(request, "write")
        return Response(None, 200 if self._hub.xorbs.has(_hash(request)) else 404)

    async def take_shard(self, request: Request) -> Response:
        """Keep the recipes of a shard, all or none."""
        repository = self._repository(request, "write")
        data = await read_body(request, self._hub.settings.largest_shard)
        new = await self._hub.check(self._keep_shard, repository, data)
        return JSONResponse({"result": int(new)})

    def _keep_shard(self, repository: Repository, data: bytes) -> bool:
        try:
            files = read_shard(data)
        except BadShard as error:
            raise bad(str(error)) from None
        checked = [(file, self._hub.recipes.check(file)) for file in files]
        budget, uploads = self._hub.settings.content_checked_up_to, []
        for file, recipe in checked:
            budget -= recipe.size
            sha256 = self._sha256(file.sha256, recipe, check=budget >= 0)
            uploads.append(Upload(sha256, recipe.size, file.name))
        for file, recipe in checked:
            self._hub.recipes.keep(file.name, recipe)
        with repository.lock:
            repository.uploads.add(uploads)
        return bool(files)

    def _sha256(self, said: str, recipe: Recipe, *, check: bool) -> str:
        if not check:
            if not said:
                raise bad("A file of the shard is large, and comes without its sha256.")
            return said
        found = sha256_of(recipe, self._hub.xorbs)
        if said not in ("", found):
            raise bad("A file of the shard has another sha256.")
        return found

    def _recipe(self, request: Request) -> Recipe:
        name = _hash(request)
        repository = self._repository(request, "read")
        recipe = self._hub.recipes.find(name) if repository.uploads.has(name) else None
        if recipe is None:
            raise no_content()
        return recipe

    def _repository(self, request: Request, right: Right) -> Repository:
        """The repository that the token is for. Raises Refusal (401, 403, 404)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self._hub.signer.claims(token.strip() if scheme.lower() == "bearer" else "")
        if right == "write" and claims.right != "write":
            raise Refusal(403, "This token may only read.")
        found = self._hub.repositories.find(repository_name(*claims.repository.split("/")))
        if found is None:
            raise no_content()
        return found

    def _answer(self, base: str, recipe: Recipe, wanted: Range, version: int) -> bytes:
        settings, signer = self._hub.settings, self._hub.signer

        def sign(xorb: str, ranges: list[Range]) -> str:
            path = f"/xorbs/{xorb}"
            return f"{base}{path}?{signer.query(path, spell_ranges(ranges), settings.url_seconds)}"

        plan = reconstruct(recipe, wanted, self._hub.xorbs)
        if version == 1:
            return msgspec.json.encode(plan.first_version(sign))
        return msgspec.json.encode(plan.second_version(sign, together=settings.ranges_together))


async def _nothing(request: Request) -> Response:
    await drop_body(request, LARGEST_TELEMETRY)
    return JSONResponse({})


def _hash(request: Request) -> str:
    name: str = request.path_params["hash"]
    if not is_text(name):
        raise bad("Not a hash.")
    return name
