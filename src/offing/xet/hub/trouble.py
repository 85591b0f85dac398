"""The layer that makes trouble, keeps the log, and lets both be told from outside."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.xet.hub.bodies import read_json
from offing.xet.hub.faults import FaultPlan, Faults, Rule, Trouble
from offing.xet.hub.refusals import Refusal
from offing.xet.hub.request_log import Asked, RequestLog, kind_of

PIECE = 64 * 1024
"""Bytes sent at a time where the rate is bounded."""
_CONTENT = ("xorb", "content", "resolve")
_ADMIN = "/-/"
_MOST_FAULTS = 1 << 20
_FIRST_BYTE = re.compile(rb"bytes (\d+)-")
_PART = b"\r\n--"


class CutError(Exception):
    """Breaks the connection."""


class Troubles:
    """Wraps the hub's app. ``admin`` opens ``/-/faults`` and ``/-/requests`` to whoever can connect."""

    def __init__(self, app: ASGIApp, plan: FaultPlan, log: RequestLog, *, admin: bool = False) -> None:
        self._app, self._plan, self._log, self._admin = app, plan, log, admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with what troubles it is to have."""
        path: str = scope["path"]
        if self._admin and path.startswith(_ADMIN):
            response = await self._administer(Request(scope, receive))
            await response(scope, receive, send)
            return
        headers = dict(Headers(scope=scope))
        asked = Asked(kind_of(path), scope["method"], path, headers)
        self._log.begin(asked)
        faults, troubles = self._plan.faults, self._plan.troubles(asked.kind, path)
        if faults.latency_ms:
            await asyncio.sleep(faults.latency_ms / 1000)
        answer = _Answer(send, asked, self._log, faults, troubles)
        if "status" in troubles:
            await _refuse(troubles["status"])(scope, receive, answer.send)
        elif self._plan.rewrite is not None and asked.kind == "reconstruction":
            await self._rewritten(scope, receive, answer)
        else:
            await self._app(scope, receive, answer.send)

    async def _rewritten(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        status, body = 0, b""

        async def gather(message: Message) -> None:
            nonlocal status, body
            status = message.get("status", status)
            body += message.get("body", b"")

        await self._app(scope, receive, gather)
        content = msgspec.json.decode(body)
        if status == Response().status_code and self._plan.rewrite is not None:
            content = self._plan.rewrite(content)
        await JSONResponse(content, status)(scope, receive, answer.send)

    async def _administer(self, request: Request) -> Response:
        what = (request.method, request.url.path.removeprefix(_ADMIN))
        if what == ("PUT", "faults"):
            try:
                self._plan.set(await read_json(request, _MOST_FAULTS, Faults))
            except Refusal as refusal:
                return refusal.answer()
        elif what == ("DELETE", "requests"):
            self._log.clear()
        elif what == ("GET", "requests"):
            return JSONResponse(msgspec.to_builtins(self._log.totals))
        elif what != ("GET", "faults"):
            return Refusal(404, "Not found").answer()
        return JSONResponse(msgspec.to_builtins(self._plan.faults))


class _Answer:
    """Sends one answer's messages on, after what is to happen to them."""

    def __init__(
        self, send: Send, asked: Asked, log: RequestLog, faults: Faults, troubles: dict[Trouble, Rule]
    ) -> None:
        self._send, self._asked, self._log, self._troubles = send, asked, log, troubles
        self._rate = faults.megabytes_per_second * 1e6 if asked.kind in _CONTENT else 0.0
        self._file_place = 0
        """Which byte of the file comes next."""
        self._free_at = 0.0
        """When the connection may send again."""

    async def send(self, message: Message) -> None:
        """The ASGI interface."""
        if message["type"] == "http.response.start":
            self._asked.status = message["status"]
            self._seek(dict(message["headers"]).get(b"content-range", b""))
            await self._send(message)
            return
        body = message.get("body", b"")
        if body[: len(_PART)] == _PART:
            self._seek(body)
        elif body:
            body = self._flipped(body)
        await self._interrupted(body)
        if not message.get("more_body"):
            await self._send({**message, "body": b""})

    async def _interrupted(self, body: bytes) -> None:
        for what in ("stall", "cut"):
            rule = self._troubles.get(what)
            if rule is None or not self._asked.sent <= rule.at <= self._asked.sent + len(body):
                continue
            before, body = body[: rule.at - self._asked.sent], body[rule.at - self._asked.sent :]
            await self._paced(before)
            if what == "cut":
                raise CutError
            del self._troubles[what]
            await asyncio.sleep(rule.seconds)
        await self._paced(body)

    async def _paced(self, body: bytes) -> None:
        if not self._rate:
            await self._out(body)
            return
        clock = asyncio.get_running_loop().time
        for place in range(0, len(body), PIECE):
            piece = body[place : place + PIECE]
            self._free_at = max(self._free_at, clock() - PIECE / self._rate) + len(piece) / self._rate
            await asyncio.sleep(max(0.0, self._free_at - clock()))
            await self._out(piece)

    async def _out(self, body: bytes) -> None:
        if body:
            self._log.sent(self._asked, len(body))
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    def _flipped(self, body: bytes) -> bytes:
        rule, begin = self._troubles.get("flip"), self._file_place
        self._file_place += len(body)
        if rule is None or not begin <= rule.at < self._file_place:
            return body
        changed = bytearray(body)
        changed[rule.at - begin] ^= rule.mask
        return bytes(changed)

    def _seek(self, content_range: bytes) -> None:
        if match := _FIRST_BYTE.search(content_range):
            self._file_place = int(match[1])


def _refuse(rule: Rule) -> Response:
    headers: dict[str, Any] = {}
    if rule.retry_after is not None:
        headers["Retry-After"] = f"{rule.retry_after:g}"
    return Refusal(rule.status, "A fault that was asked for.", headers=headers).answer()
