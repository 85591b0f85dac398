"""Turns whatever fails inside into an answer; what is not a Problem becomes a plain 500."""

from __future__ import annotations

import asyncio
import logging
import time

import msgspec
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from offing.kernel.exchange import Exchange, exchange_of, has_body
from offing.kernel.logs import log
from offing.kernel.problems import Problem
from offing.kernel.toolbox import Toolbox

LINGER_SECONDS = 2.0
LINGER_BYTES = 8 * 1024 * 1024


class AnswerProblems:
    """Answers a Problem by its body; a failure after the head has gone breaks the connection."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app = app
        del toolbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = exchange_of(scope)
        try:
            await self.app(scope, receive, send)
        except Problem as problem:
            failure = problem
        except Exception as error:  # noqa: BLE001  the last line of defence: logged, and told without its text
            log("unexpected failure", level=logging.ERROR, exception=error, request_id=exchange.id)
            failure = Problem()
        else:
            return
        if exchange.answered:
            # A clean end would pass a cut answer off as a whole one.
            log("answer cut off", level=logging.ERROR, code=failure.code, request_id=exchange.id)
            raise BrokenAnswerError
        await _answer(failure, exchange, scope, receive, send)


class BrokenAnswerError(Exception):
    """Tells the server to cut the connection: the answer cannot be finished."""


async def _answer(problem: Problem, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
    body = msgspec.json.encode(problem.body(exchange.id))
    headers = {
        "Content-Type": problem.media_type,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **problem.headers,
    }
    unread = has_body(scope) and not exchange.body_ended
    if unread:
        headers["Connection"] = "close"
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    lingers = unread and not _waits_for_leave(scope, exchange)
    await send({"type": "http.response.body", "body": body, "more_body": lingers})
    if lingers:
        exchange.ended = time.perf_counter()
        # A client reads the answer only if the connection outlives what it is still sending.
        await _linger(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _waits_for_leave(scope: Scope, exchange: Exchange) -> bool:
    """Whether the client sends its body only when told to (RFC 9110, section 10.1.1), and was not."""
    return Headers(scope=scope).get("expect", "").lower() == "100-continue" and not exchange.bytes_in


async def _linger(receive: Receive) -> None:
    """Read and drop what still comes, for a bounded time and number of bytes."""
    left = LINGER_BYTES
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while left > 0:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                left -= len(message.get("body", b""))
    except TimeoutError:
        return
