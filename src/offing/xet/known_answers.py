"""What the hub's API answers of repositories: rewritten as it passes, noted, and given again while offline.

An answer is given to the token that had it, or, where a stranger had it, to everybody.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Awaitable, Callable

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from offing.xet.engine.repository import Repository
from offing.xet.own_address import address_of
from offing.xet.problems import BadName

MOST_BYTES = 8 << 20
"""Of one answer."""
MOST_HELD = 64 << 20
"""Of all that pass at a time."""
KEPT = ("content-type", "x-repo-commit", "link")
REPOSITORY = re.compile(
    r"/api/(models|datasets|spaces)/([\w.-]+(?:/[\w.-]+)??)(?:/(?:revision|tree|refs|paths-info)(?:/.*)?)?",
    re.ASCII,
)
"""The API of what a repository holds; that of tokens and accounts is never noted."""
_XET_HASH = re.compile(rb'("xetHash"\s*:\s*)"[0-9A-Fa-f]*"')

OURS = "\0"
"""Stands for this service's address, which may be another when the answer is given."""

Keep = Callable[[dict[str, str], bytes], Awaitable[None]]


def repository_of(request: Request) -> Repository | None:
    """The repository whose description is asked for, if it is one."""
    found = REPOSITORY.fullmatch(request.url.path)
    if found is None:
        return None
    try:
        return Repository(found[2], found[1])  # type: ignore[arg-type]  # the pattern has no other kinds
    except BadName:
        return None


def target_of(request: Request) -> str:
    """Path and query as they were sent."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw + b"?" + query).decode("latin-1")


def pack(headers: dict[str, str], request: Request) -> bytes:
    """Headers of an answer as they are noted."""
    address = address_of(request)
    told = {name: headers[name].replace(f"<{address}/", f"<{OURS}/") for name in KEPT if name in headers}
    return msgspec.json.encode(told)


def unpack(headers: bytes, address: str) -> dict[str, str]:
    """Headers of an answer as they are given."""
    told = msgspec.json.decode(headers, type=dict[str, str])
    return {name: value.replace(f"<{OURS}/", f"<{address}/") for name, value in told.items()}


class Room:
    """Bytes that passing answers may be held in."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self.left = most


class Rewritten(Response):
    """An answer that is sent once all of it is here, with no word of Xet in it.

    Clients that read a Xet hash in a listing do not ask this service for the file, but the content store,
    and verify nothing. ``keep`` gets the headers and the body as sent. What is no JSON, what failed, and what
    is too large is sent as it comes.
    """

    def __init__(self, answer: Response, room: Room, keep: Keep | None) -> None:
        self.status_code, self.media_type, self.background = answer.status_code, None, None
        self.raw_headers = answer.raw_headers
        self._answer, self._room, self._keep = answer, room, keep
        self._held = bytearray()
        self._holds = self.status_code == 200 and _is_json(Headers(raw=self.raw_headers))  # noqa: PLR2004
        self._start: Message = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""

        async def holding(message: Message) -> None:
            if not self._holds:
                await send(message)
            elif message["type"] == "http.response.start":
                self._start = message
            elif not self._takes(message):
                await self._give_up(message, send)
            elif not message.get("more_body", False):
                await self._send_all(send)

        try:
            await self._answer(scope, receive, holding)
        finally:
            self._drop()

    def _takes(self, message: Message) -> bool:
        body = message.get("body", b"")
        if len(body) > min(self._room.left, MOST_BYTES - len(self._held)):
            return False
        self._room.left -= len(body)
        self._held += body
        return True

    async def _give_up(self, message: Message, send: Send) -> None:
        """Go on without holding it."""
        await send(self._start)
        await send({"type": "http.response.body", "body": bytes(self._held), "more_body": True})
        await send(message)
        self._drop()

    async def _send_all(self, send: Send) -> None:
        headers = MutableHeaders(raw=self._start["headers"])
        plain = _decoded(bytes(self._held), headers.get("content-encoding", ""))
        body = bytes(self._held) if plain is None else _XET_HASH.sub(rb"\1null", plain)
        if plain is not None:
            headers["content-length"] = str(len(body))
            del headers["content-encoding"]
        await send({**self._start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        if plain is not None and self._keep is not None:
            await self._keep(dict(headers), body)

    def _drop(self) -> None:
        self._room.left += len(self._held)
        self._held.clear()
        self._holds = False


def decodable(request: Request) -> Request:
    """The request, asking for no encoding that cannot be undone here."""
    accepted = request.headers.get("accept-encoding", "")
    headers = [pair for pair in request.scope["headers"] if pair[0] != b"accept-encoding"]
    headers.append((b"accept-encoding", b"gzip" if "gzip" in accepted else b"identity"))
    return Request({**request.scope, "headers": headers}, request.receive)


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """The body as it is without its encoding; None where that is not understood, or too large."""
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        return None
    decoder = zlib.decompressobj(wbits=31)
    try:
        plain = decoder.decompress(body, MOST_BYTES)
    except zlib.error:
        return None
    return plain if decoder.eof else None
