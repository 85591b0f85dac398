"""Our service with two routes beside it, in one server: what passing bytes on costs without any Xet.

    python -m bench.xet.server PORT

``/plain/{name}`` passes on what PLAIN_UPSTREAM has under that name, ``/copied/{name}`` writes it to a
file in PLAIN_FOLDER, too; ``/file/{name}`` reads a file of that folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from offing.kernel.app import App
from offing.kernel.fetch import FetchSettings
from offing.kernel.operation import Operation
from offing.kernel.server import run
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import chosen
from offing.kernel.settings import load
from offing.xet.content import Content
from offing.xet.engine.write_behind import WriteBehind, in_thread
from offing.xet.wire import Http, Incoming


def front(_: App) -> Sequence[Operation]:
    """The two routes."""
    upstream, folder = os.environ["PLAIN_UPSTREAM"], Path(os.environ["PLAIN_FOLDER"])
    http = Http(FetchSettings(), trusted=(upstream,))

    async def plain(request: Request) -> Response:
        incoming = await http.open(f"{upstream}/file/{request.path_params['name']}")
        headers = {"Content-Length": incoming.headers["content-length"]}
        return Content(incoming.status, headers, pieces(incoming))

    async def copied(request: Request) -> Response:
        incoming = await http.open(f"{upstream}/file/{request.path_params['name']}")
        headers = {"Content-Length": incoming.headers["content-length"]}
        return Content(incoming.status, headers, written(pieces(incoming), folder))

    async def file(request: Request) -> Response:
        answer = FileResponse(folder / request.path_params["name"])
        answer.chunk_size = 1 << 20
        return answer

    return (
        Operation("GET", "/plain/{name}", plain, "Bytes passed on"),
        Operation("GET", "/copied/{name}", copied, "Bytes passed on and written to a file"),
        Operation("GET", "/file/{name}", file, "Bytes of a file"),
    )


async def pieces(incoming: Incoming) -> AsyncGenerator[bytes, None]:
    """The body as it comes."""
    with incoming:
        async for piece in incoming:
            yield piece


async def written(body: AsyncGenerator[bytes, None], folder: Path) -> AsyncGenerator[bytes, None]:
    """A body that is written to a file on its way, in a thread, some megabytes ahead of the disk at most."""
    with TemporaryFile(dir=folder, buffering=0) as file:
        async with WriteBehind[bytes](file.writelines, lambda: None) as disk:
            async for piece in body:
                yield piece
                await disk.put(piece, len(piece))
        await in_thread(os.fsync, file.fileno())


def main() -> int:
    """Serve until a signal."""
    settings = msgspec.structs.replace(load(ServerSettings, PREFIX), port=int(sys.argv[1]))
    return run(App(chosen(("xet",)), settings, front), lambda _: None)


if __name__ == "__main__":
    sys.exit(main())
