"""A service for tests: each route shows one behaviour that the kernel promises to every service."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from offing.kernel.app import App
from offing.kernel.cache import Cache
from offing.kernel.exchange import exchange_of
from offing.kernel.multipart import read_form
from offing.kernel.operation import Answer, Body, Operation
from offing.kernel.problems import Invalid, Problem
from offing.kernel.server import run
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import Service
from offing.kernel.settings import load, meaning
from offing.kernel.standalone import front
from offing.kernel.toolbox import Toolbox
from offing.kernel.workers.pool import Lane, Pool

SECRET = "Zwiebelturm-7391"  # noqa: S105  a word that no answer and no log may hold
SMALL, LARGE = "small", "large"


class ProbeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a test chooses."""

    start_seconds: Annotated[float, meaning("How long the start takes.", ge=0)] = 0.0
    start_fails: Annotated[bool, meaning("Whether the start fails.")] = False
    max_body: Annotated[int, meaning("Largest body, in bytes.", ge=0)] = 1_000_000
    target: Annotated[str, meaning("The workers' handler; empty for no workers.")] = ""
    small_slots: Annotated[int, meaning("Places for small jobs.", ge=1)] = 2
    large_slots: Annotated[int, meaning("Places for large jobs.", ge=1)] = 1
    queue: Annotated[int, meaning("Jobs of each kind that may wait.", ge=0)] = 2
    processor_seconds: Annotated[float, meaning("Processor time of a job.", gt=0)] = 5.0
    wall_seconds: Annotated[float, meaning("Wall time of a job.", gt=0)] = 10.0
    memory: Annotated[int, meaning("Private memory of a worker, in bytes.", ge=1)] = 256 * 1024**2


class Asked(msgspec.Struct, kw_only=True):
    """The query of the slow route."""

    seconds: Annotated[float, msgspec.Meta(description="How long to wait.", ge=0)] = 0.0


class Waited(msgspec.Struct):
    """The answer of the slow route."""

    seconds: float


class ProbeEngine:
    """The probe as the kernel drives it."""

    def __init__(self, settings: ProbeSettings, toolbox: Toolbox) -> None:
        self._settings = settings
        self._pool = _pool(settings, toolbox) if settings.target else None
        self._cache: Cache[str] = Cache(entries=8, seconds=60)
        self.operations: Sequence[Operation] = (
            _operation("POST", "/probe/echo", self.echo, body=Body("application/octet-stream", {})),
            _operation("POST", "/probe/form", self.form, body=Body("multipart/form-data", {})),
            _operation("POST", "/probe/headers", self.headers, body=Body("application/octet-stream", {})),
            _operation("POST", "/probe/ignore", self.ignore, body=Body("application/octet-stream", {})),
            _operation("GET", "/probe/slow", self.slow, query=Asked, answer=Waited),
            _operation("GET", "/probe/stream", self.stream),
            _operation("GET", "/probe/large", self.large),
            _operation("GET", "/probe/fail", self.fail),
            _operation("GET", "/probe/refuse", self.refuse),
            _operation("GET", "/probe/cached", self.cached),
            _operation("GET", "/probe/files/{path:path}", self.file),
            _operation("POST", "/probe/job/{lane}", self.work, body=Body("application/json", {})),
        )

    async def start(self) -> None:
        """Take a while, or fail, as the settings say."""
        await asyncio.sleep(self._settings.start_seconds)
        if self._settings.start_fails:
            raise RuntimeError(f"{SECRET} at /srv/model.bin")
        if self._pool is not None:
            await self._pool.start()

    async def stop(self) -> None:
        """End the workers."""
        if self._pool is not None:
            await self._pool.stop()

    def health(self) -> dict[str, Any]:
        """A member of its own."""
        return {"probe": True}

    async def echo(self, request: Request) -> Response:
        """Count the body, and keep none of it."""
        received = 0
        async for chunk in request.stream():
            received += len(chunk)
        return JSONResponse({"received": received})

    async def form(self, request: Request) -> Response:
        """The parts of a form."""
        parts = await read_form(request.stream(), request.headers.get("content-type", ""))
        return JSONResponse([[part.name, part.filename, len(part.data)] for part in parts])

    async def headers(self, request: Request) -> Response:
        """The names of the headers, once the body has been read."""
        await request.body()
        return JSONResponse([name.decode("latin-1") for name, _ in request.scope["headers"]])

    async def ignore(self, _: Request) -> Response:
        """Answer without reading the body."""
        return JSONResponse({})

    async def slow(self, request: Request) -> Response:
        """Answer after a while."""
        seconds = float(request.query_params.get("seconds", "0"))
        with exchange_of(request.scope).stage("wait"):
            await asyncio.sleep(seconds)
        return JSONResponse({"seconds": seconds})

    async def stream(self, request: Request) -> Response:
        """Lines with pauses between them; then perhaps a failure instead of the end."""
        query = request.query_params
        lines, pause = int(query.get("lines", "3")), float(query.get("pause", "0"))
        width = int(query.get("width", "0"))

        async def body() -> AsyncIterator[bytes]:
            for number in range(lines):
                yield (b"line %d\n" % number).rjust(width)
                await asyncio.sleep(pause)
            if query.get("then") == "fail":
                raise RuntimeError(f"{SECRET} at {hex(id(query))}")
            if query.get("then") == "problem":
                raise Problem

        return StreamingResponse(body(), media_type="text/plain")

    async def large(self, request: Request) -> Response:
        """So many bytes at once."""
        return Response(bytes(int(request.query_params["bytes"])), media_type="application/octet-stream")

    async def fail(self, request: Request) -> Response:
        """Fail with a text that nobody may see."""
        raise ValueError(f"{SECRET} in {request.url} at {hex(id(request))} of /etc/passwd")

    async def refuse(self, _: Request) -> Response:
        """Fail with a text for the client."""
        raise Invalid("The field is missing.", field="colour", headers={"X-Extra": "1"})

    async def cached(self, request: Request) -> Response:
        """Work that is kept."""

        async def compute() -> str:
            return "value"

        value, hit = await self._cache.get(request.query_params.get("key"), compute)
        exchange_of(request.scope).cache = "hit" if hit else "miss"
        return JSONResponse({"value": value, "hit": hit})

    async def file(self, request: Request) -> Response:
        """A path below this route."""
        return JSONResponse({"path": request.path_params["path"]})

    async def work(self, request: Request) -> Response:
        """A job for a worker: see ``tests.kernel.probe.work``."""
        assert self._pool is not None
        answer = await self._pool.run(request.path_params["lane"], b"", await request.body())
        return Response(answer, media_type="application/json")


def _operation(
    method: str,
    path: str,
    endpoint: Any,
    *,
    body: Body | None = None,
    query: Any = None,
    answer: Any = None,
) -> Operation:
    answers = {200: Answer("It worked.", answer or {})}
    return Operation(
        method, path, endpoint, f"Show {path}", tag="probe", body=body, query=query, answers=answers
    )


def _pool(settings: ProbeSettings, toolbox: Toolbox) -> Pool:
    return Pool(
        "probe",
        settings.target,
        lanes={
            SMALL: Lane(
                settings.small_slots, settings.queue, settings.processor_seconds, settings.wall_seconds
            ),
            LARGE: Lane(
                settings.large_slots, settings.queue, settings.processor_seconds, settings.wall_seconds
            ),
        },
        memory=settings.memory,
        metrics=toolbox.metrics,
    )


service = Service(
    name="probe",
    title="Probe",
    summary="Shows what the kernel promises",
    prefixes=("/probe",),
    settings=ProbeSettings,
    build=ProbeEngine,
    public_name="probe-api",
    max_body=lambda settings: settings.max_body,
    try_it=("curl {base}/probe/slow",),
)


def main() -> int:
    """Serve the probe alone, as a container serves its one service."""
    app = App([service], load(ServerSettings, PREFIX), front)
    return run(app, lambda _: None)


if __name__ == "__main__":
    sys.exit(main())
