"""The HTTP surface of one kind of job."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from offing.kernel.api_keys import HEADER, hash_of
from offing.kernel.exchange import exchange_of
from offing.kernel.jobs import descriptions
from offing.kernel.jobs.job import UNFINISHED, Job
from offing.kernel.jobs.kind import JobKind
from offing.kernel.jobs.problems import JobNotFinished, JobNotFound, JobsUnusable
from offing.kernel.jobs.runner import Runner
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.jobs.spool import PIECE, Spool
from offing.kernel.jobs.store import Store
from offing.kernel.jobs.webhook import Webhooks
from offing.kernel.operation import Operation

ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
WEBHOOK = "webhook"
KEPT = ("accept", "content-type")
"""Request headers that any work is given."""
RETRY = {"Retry-After": "1"}
PRIVATE = {"Cache-Control": "no-store"}


class JobRoutes:
    """The endpoints of one kind of one service.

    ``store`` is None where the folder of jobs cannot be used: everything is refused then.
    """

    store: Store | None = None

    def __init__(  # noqa: PLR0913  each is another thing that they join
        self, kind: JobKind, service: str, work: Operation, *, runner: Runner, webhooks: Webhooks,
        settings: JobsSettings, with_keys: bool,
    ) -> None:  # fmt: skip
        self._kind, self._service, self._work = kind, service, work
        self._runner, self._webhooks, self._settings = runner, webhooks, settings
        self._with_keys = with_keys

    def operations(self) -> Sequence[Operation]:
        """The routes, described."""
        path, work = self._kind.path, self._work
        common = (
            descriptions.ask(path, self.ask, work),
            descriptions.tell(path, self.tell, work),
            descriptions.forget(path, self.forget, work),
        )
        if not self._kind.keeps_answer:
            return common
        return (*common, descriptions.result(path, self.result, work))

    async def ask(self, request: Request) -> Response:
        """``POST`` of the kind's path: keep the request, and answer 202."""
        store = self._opened()
        webhook = self._webhook(request)
        await store.require_room(_announced(request))
        body = await store.spool()
        try:
            await self._take(request, body)
            job = self._job(request, body, webhook)
            await store.add(job, body)
        finally:
            body.close()
        self._runner.wake()
        return _told(job, 202, {"Location": job.location})

    async def tell(self, request: Request) -> Response:
        """``GET`` of a job."""
        return _told(await self._find(request), 200)

    async def forget(self, request: Request) -> Response:
        """``DELETE`` of a job."""
        id_ = _id(request)
        if not await self._opened().remove(id_, self._kind.path, self._key(request)):
            raise JobNotFound
        self._runner.cancel(id_)
        return Response(status_code=204, headers=PRIVATE)

    async def result(self, request: Request) -> Response:
        """``GET`` of a job's result: the answer as it was given, or the problem."""
        job = await self._find(request)
        if not job.is_over():
            raise JobNotFinished
        if job.state == "failed":
            problem = {**(job.told or {}), "request_id": exchange_of(request.scope).id}
            return Response(
                msgspec.json.encode(problem), job.status, PRIVATE, media_type="application/problem+json"
            )
        try:
            descriptor = await self._opened().open_file(job.answer)
        except OSError:
            raise JobNotFound from None
        return Kept(descriptor, job)

    async def _take(self, request: Request, body: Spool) -> None:
        """Read the body into a file; what the work would refuse of it is refused while it comes."""
        teed = Tee(request.receive, body)
        if self._work.check is not None:
            query = urlencode(_query(request)).encode()
            scope = {
                **request.scope,
                "query_string": query,
                "path": self._work.path,
                "method": self._work.method,
            }
            await self._work.check(Request(scope, teed.receive))
        await teed.drain()
        await body.complete()

    def _job(self, request: Request, body: Spool, webhook: str) -> Job:
        now = time.time()
        wanted = (*KEPT, *self._kind.secrets)
        return Job(
            id=secrets.token_hex(16),
            path=self._kind.path,
            service=self._service,
            key=self._key(request),
            request_id=exchange_of(request.scope).id,
            query=urlencode(_query(request)),
            headers={name: request.headers[name] for name in wanted if name in request.headers},
            body=body.name,
            body_bytes=body.size,
            due=now,
            created=now,
            expires=now + self._settings.keep_seconds,
            webhook=webhook,
        )

    def _webhook(self, request: Request) -> str:
        given = request.query_params.get(WEBHOOK, "").strip()
        return self._webhooks.read(given) if given else ""

    async def _find(self, request: Request) -> Job:
        job = await self._opened().find(_id(request), self._kind.path, self._key(request))
        if job is None:
            raise JobNotFound
        return job

    def _key(self, request: Request) -> str:
        return hash_of(request.headers.get(HEADER, "")) if self._with_keys else ""

    def _opened(self) -> Store:
        if self.store is None:
            raise JobsUnusable
        return self.store


class Tee:
    """What hands a body on as it comes, and writes it down."""

    def __init__(self, receive: Receive, body: Spool) -> None:
        self._receive, self._body, self._ended = receive, body, False

    async def receive(self) -> Message:
        """The next message."""
        message = await self._receive()
        if message["type"] == "http.request":
            await self._body.write(message.get("body", b""))
            self._ended = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Write down what nobody has asked for. Raises ClientDisconnect."""
        while not self._ended:
            if (await self.receive())["type"] == "http.disconnect":
                raise ClientDisconnect


class Kept(Response):
    """The content of a file, whose descriptor is closed however the sending ends."""

    def __init__(self, descriptor: int, job: Job) -> None:
        self.status_code, self.media_type, self.background = job.status, None, None
        self._descriptor = descriptor
        self.init_headers(
            {
                "Content-Type": job.content_type,
                "Content-Length": str(job.answer_bytes),
                "X-Content-Type-Options": "nosniff",
                **PRIVATE,
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            place, data = 0, b""
            while scope["method"] != "HEAD":
                data = await asyncio.to_thread(os.pread, self._descriptor, PIECE, place)
                if not data:
                    break
                place += len(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            os.close(self._descriptor)


def _told(job: Job, status: int, headers: dict[str, str] | None = None) -> Response:
    wait = RETRY if job.state in UNFINISHED else {}
    return Response(
        msgspec.json.encode(job.public()),
        status,
        {**PRIVATE, **wait, **(headers or {})},
        media_type="application/json",
    )


def _id(request: Request) -> str:
    id_: str = request.path_params["id"]
    if not ID.fullmatch(id_):
        raise JobNotFound
    return id_


def _query(request: Request) -> list[tuple[str, str]]:
    """The query without what is the job's own."""
    text = request.scope.get("query_string", b"").decode("latin-1")
    return [(name, value) for name, value in parse_qsl(text, keep_blank_values=True) if name != WEBHOOK]


def _announced(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else 0
