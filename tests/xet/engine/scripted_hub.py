"""A hub on loopback that answers by a table and notes what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from offing.kernel.fetch import FetchSettings
from offing.xet.engine.hub import Hub
from offing.xet.engine.retries import Retries
from offing.xet.wire import Http
from tests.kernel.fetch.servers import Received, Server, read_head

COMMIT = "c0ffee" + "0" * 34
OTHER_COMMIT = "beef" + "0" * 36
SHA256 = "ab" * 32
XET_HASH = "0123456789abcdef" * 4
TOKEN = "hf_OfTheCaller"  # noqa: S105  of nobody


def reply(status: int = 200, body: bytes = b"", /, **headers: str) -> bytes:
    """A whole answer; headers are named with underscores for hyphens."""
    fields = {"Content_Length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode() + body


def told(size: int = 11, **headers: str) -> dict[str, str]:
    """What a hub says of a file in the headers of its answer, or redirect, to HEAD."""
    large = {"X_Repo_Commit": COMMIT, "X_Linked_Size": str(size), "X_Linked_ETag": f'"{SHA256}"'}
    return {**large, "X_Xet_Hash": XET_HASH, **headers}


Script = Mapping[str, bytes | Sequence[bytes]]


class ScriptedHub(Server):
    """Answers ``GET /target`` by a table: with the same bytes, or with one of several in turn.

    Of several the last one is for ever. An empty answer breaks the connection; what the table lacks is 404.
    """

    def __init__(self, script: Script | None = None) -> None:
        super().__init__()
        self._script: dict[str, list[bytes]] = {}
        self.answer(script or {})

    def answer(self, script: Script) -> None:
        """Add to the table, which may need to know the server's address."""
        for asked, answers in script.items():
            self._script[asked] = [answers] if isinstance(answers, bytes) else list(answers)

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        """Method and target of each request."""
        return [each.line.removesuffix(" HTTP/1.1") for each in self.requests]

    @property
    def tokens(self) -> list[str | None]:
        """The Authorization of each request."""
        return [each.headers.get("authorization") for each in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        while answer := self._next(await self._read(reader)):
            head, end, body = answer.partition(b"\r\n\r\n")
            is_head = self.requests[-1].line.startswith("HEAD ")
            writer.write(head + end + (b"" if is_head else body))
            await writer.drain()
            if b"\r\nConnection: close" in head:
                return

    async def _read(self, reader: asyncio.StreamReader) -> Received:
        self.requests.append(received := await read_head(reader))
        return received

    def _next(self, received: Received) -> bytes:
        answers = self._script.get(received.line.removesuffix(" HTTP/1.1"))
        if answers is None:
            return reply(404)
        return answers.pop(0) if len(answers) > 1 else answers[0]


def impatient() -> Retries:
    """Three tries that wait no longer than they are asked to."""
    return Retries(attempts=3, first=0.0)


@asynccontextmanager
async def client(*servers: ScriptedHub, path: str = "", connections: int = 16) -> AsyncIterator[Hub]:
    """A client of the first server that may connect to the others as well."""
    http = Http(FetchSettings(), trusted=[each.origin for each in servers], connections=connections)
    try:
        yield Hub(http, servers[0].origin + path, retries=impatient(), seconds=10)
    finally:
        await http.close()
