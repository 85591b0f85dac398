"""One attempt at a job: the service's own operation, given the request as it was kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from offing.kernel.exchange import KEY, Exchange
from offing.kernel.health import Health
from offing.kernel.jobs.job import Job
from offing.kernel.jobs.problems import Refused
from offing.kernel.jobs.spool import PIECE, Spool
from offing.kernel.middleware.answer_problems import AnswerProblems
from offing.kernel.operation import Operation
from offing.kernel.toolbox import Toolbox

LARGEST_TOLD = 64 * 1024
"""Bytes of a problem, or of an answer that only describes."""
REFUSED, FAILED, BUSY = 400, 500, 503


@dataclass
class Answered:
    """What an operation answered, as far as it came."""

    status: int = 0
    content_type: str = ""
    retry_after: int | None = None
    told: bytearray = field(default_factory=bytearray)
    """Its content, where that is not written to a file."""
    whole: bool = False

    @property
    def is_busy(self) -> bool:
        """Whether the service only says when to come back."""
        return self.whole and self.status == BUSY and self.retry_after is not None

    @property
    def is_final(self) -> bool:
        """Whether the same request would be answered the same again."""
        return self.whole and 0 < self.status < FAILED

    def members(self) -> dict[str, Any]:
        """The JSON object that it is; an empty one where it is none."""
        try:
            return msgspec.json.decode(bytes(self.told), type=dict[str, Any])
        except msgspec.DecodeError:
            return {}

    def problem(self, request_id: str) -> dict[str, Any]:
        """The problem that it is; where it is told in other words, a plain one with its status."""
        return {**Refused().body(request_id), "status": self.status, **self.members()}


@asynccontextmanager
async def kept_body(descriptor: int) -> AsyncIterator[Receive]:
    """What gives an operation the body of a file, and then waits, as for a client that stays."""
    place = 0

    async def receive() -> Message:
        nonlocal place
        if place < 0:
            await asyncio.Event().wait()
        data = await asyncio.to_thread(os.pread, descriptor, PIECE, place)
        place = place + len(data) if data else -1
        return {"type": "http.request", "body": data, "more_body": bool(data)}

    try:
        yield receive
    finally:
        os.close(descriptor)


async def attempt(
    operation: Operation, job: Job, receive: Receive, *, toolbox: Toolbox, answer: Spool | None
) -> Answered:
    """Have an operation do a job's work. What succeeds is written to ``answer``, where there is one.

    Raises what the spool raises; whatever fails in the operation is a status, or an answer that is not whole.
    """
    answered = Answered()
    scope = scope_of(operation, job)
    app = AnswerProblems(
        _ready(operation, job.service, toolbox.health, toolbox.settings.start_seconds), toolbox
    )
    await app(scope, receive, _collect(answered, scope[KEY], answer))
    return answered


def scope_of(operation: Operation, job: Job) -> Scope:
    """The request that a job stands for."""
    exchange = Exchange(job.request_id, operation.method, route=operation.path, service=job.service)
    exchange.body_ended = True  # nobody still sends
    headers = {**job.headers, "content-length": str(job.body_bytes)}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": None,
        "root_path": "",
        "method": operation.method,
        "path": operation.path,
        "raw_path": operation.path.encode(),
        "query_string": job.query.encode("latin-1"),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        KEY: exchange,
    }


def _ready(
    operation: Operation, service: str, health: Health, start_seconds: float
) -> Callable[[Scope, Receive, Send], Any]:
    """The operation as an app, which answers 503 while its service is not ready."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await health.require(service, start_seconds)
        response = await operation.endpoint(Request(scope, receive))
        await response(scope, receive, send)

    return app


def _collect(answered: Answered, exchange: Exchange, answer: Spool | None) -> Send:
    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status, exchange.answered = message["status"], True
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in message["headers"]
            }
            answered.status = message["status"]
            answered.content_type = headers.get("content-type", "")
            after = headers.get("retry-after", "")
            answered.retry_after = int(after) if after.isdecimal() else None
            return
        body = message.get("body", b"")
        if answer is not None and answered.status < REFUSED:
            await answer.write(body)
        elif len(answered.told) + len(body) <= LARGEST_TOLD:
            answered.told += body
        answered.whole = not message.get("more_body", False)

    return send
