"""A service whose work does as its query says, for the tests of jobs; and a gateway with it alone.

python -m tests.kernel.jobs.work
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.jobs.kind import JobKind
from offing.kernel.operation import Answer, Body, Operation
from offing.kernel.problems import Invalid, Overloaded
from offing.kernel.server import run
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import Service
from offing.kernel.settings import load, meaning
from offing.kernel.toolbox import Toolbox

SECRET = "hf_Zwiebelturm7391"  # noqa: S105  a word that nothing may keep


class WorkSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a test chooses."""

    folder: Annotated[str, meaning("Where the work is noted, and what it waits for.")] = "."
    max_body: Annotated[int, meaning("Largest body, in bytes.", ge=0)] = 8_000_000


class WorkEngine:
    """The work as the kernel drives it."""

    def __init__(self, settings: WorkSettings, toolbox: Toolbox) -> None:
        del toolbox
        self._folder = Path(settings.folder)
        self.work = Operation(
            "POST", "/desk", self.do, "Work", tag="work", body=Body("application/octet-stream", {}),
            answers={200: Answer("Done.", {})}, check=self.check,
        )  # fmt: skip
        self.telling = Operation("POST", "/telling", self.tell, "Tell", tag="work", check=None)
        self.operations: Sequence[Operation] = (self.work,)

    async def start(self) -> None:
        """There is nothing to start."""

    async def stop(self) -> None:
        """There is nothing to stop."""

    def health(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    async def check(self, request: Request) -> Response:
        """Refuse what is asked to be refused."""
        if request.query_params.get("do") == "refuse":
            raise Invalid("Refused before it is work.")
        return Response()

    async def tell(self, request: Request) -> Response:
        """What came, as members."""
        assert request.headers["authorization"] == f"Bearer {SECRET}"
        await self._wait(request)
        return JSONResponse({"received": len(await request.body()), "colour": "red"})

    async def do(self, request: Request) -> Response:
        """Wait where told to, then answer as told."""
        query, count = request.query_params, self._note(request.query_params.get("name", "any"))
        body = await request.body()
        await self._wait(request)
        if count <= int(query.get("times", "1000000")):
            match query.get("do"):
                case "busy":
                    raise Overloaded(headers={"Retry-After": "0"})
                case "fail":
                    raise RuntimeError(SECRET)
                case "no":
                    return JSONResponse({"error": "no"}, 409)
                case "break":
                    return StreamingResponse(_broken())
                case "large":
                    return StreamingResponse(_many(int(query["pieces"])), media_type="application/pdf")
        return Response(body, media_type=request.headers.get("content-type", "text/plain"))

    async def _wait(self, request: Request) -> None:
        """Until the test lets it go on."""
        gate = request.query_params.get("gate")
        while gate and not (self._folder / gate).exists():  # noqa: ASYNC110  another process opens it
            await asyncio.sleep(0.01)

    def _note(self, name: str) -> int:
        """How often work of this name has begun, in all processes together."""
        path = self._folder / f"{name}.begun"
        with path.open("a") as file:
            file.write("begun\n")
        return len(path.read_text().splitlines())


async def _broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise RuntimeError(SECRET)


async def _many(pieces: int) -> AsyncIterator[bytes]:
    for number in range(pieces):
        yield bytes([number % 251]) * 100_000


service = Service(
    name="work",
    title="Work",
    summary="Does as it is told",
    prefixes=("/desk", "/telling"),
    settings=WorkSettings,
    build=WorkEngine,
    public_name="work",
    max_body=lambda settings: settings.max_body,
    jobs=(
        JobKind("/desk/jobs", lambda engine: engine.work),
        JobKind(
            "/telling/jobs", lambda engine: engine.telling, keeps_answer=False, secrets=("authorization",)
        ),
    ),
)


def main() -> int:
    """Serve it as the gateway does."""
    return run(App([service], load(ServerSettings, PREFIX), front), lambda _: None)


if __name__ == "__main__":
    sys.exit(main())
