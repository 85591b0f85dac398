"""A hub and content store on loopback that a test can have lie: about plans, bodies, and where they are."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from offing.kernel.fetch import FetchSettings
from offing.xet.engine.cas import Cas
from offing.xet.engine.limits import Limits
from offing.xet.engine.load import Source
from offing.xet.engine.retries import Retries
from offing.xet.engine.tokens import Access
from offing.xet.engine.windows import Pace
from offing.xet.wire import Http
from tests.kernel.fetch.servers import Received, Server, answer, read_head
from tests.xet.engine.stocked import impatient
from tests.xet.engine.xorbs import Xorb, file_hash

COMMIT = "c0ffee" + "0" * 34
CALLERS_TOKEN = "hf_OfTheCaller"  # noqa: S105  of nobody
STORES_TOKEN = "OfTheStore"  # noqa: S105  of nobody

Told = dict[str, Any]
Term = tuple[Xorb, int, int]
Respond = Callable[[Received, asyncio.StreamWriter], Awaitable[bool | None]]


class ScriptedStore(Server):
    """Plays all roles; ``plan``, ``body`` and ``respond`` change what it says.

    The URLs that it names lead to itself unless ``store`` and ``storage`` are other ones.
    """

    def __init__(self, terms: list[Term]) -> None:
        super().__init__()
        self.terms = terms
        self.content = b"".join(b"".join(xorb.chunks[first:end]) for xorb, first, end in terms)
        self.hash = file_hash([chunk for xorb, first, end in terms for chunk in xorb.chunks[first:end]])
        self.size = len(self.content)
        """What the hub says it is."""
        self.plan: Callable[[Told], Told | bytes] = lambda told: told
        self.body: Callable[[bytes], bytes] = lambda body: body
        self.respond: Respond | None = None
        """Answers a request itself, and says whether it did."""
        self.store: ScriptedStore = self
        self.storage: ScriptedStore = self

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for."""
        return [each.target for each in self.requests]

    def headers(self, name: str) -> list[str | None]:
        """A header of each request."""
        return [each.headers.get(name) for each in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        while True:
            asked = await read_head(reader)
            self.requests.append(asked)
            if self.respond is None or not await self.respond(asked, writer):
                writer.write(self._answer(asked))
            await writer.drain()
            if writer.is_closing():
                return

    def _answer(self, asked: Received) -> bytes:
        path = asked.target.partition("?")[0]
        if "/resolve/" in path:
            told = (
                f'X-Repo-Commit: {COMMIT}\r\nX-Linked-Size: {self.size}\r\nX-Linked-ETag: "{"ab" * 32}"\r\n'
            )
            return answer(b"", headers=f"{told}X-Xet-Hash: {self.hash}\r\n")
        if "/xet-read-token/" in path:
            grant = {"casUrl": self.store.origin, "accessToken": STORES_TOKEN, "exp": int(time.time()) + 3600}
            return answer(json.dumps(grant).encode())
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", "bytes=0-"))
        assert span is not None
        start, end = int(span[1]), int(span[2]) + 1 if span[2] else None
        if path.startswith("/v2/reconstructions/"):
            plan = self.plan(self.told(start, len(self.content) if end is None else end))
            return answer(plan if isinstance(plan, bytes) else json.dumps(plan).encode())
        xorb = next(each for each, _, _ in self.terms if each.hash == path.rpartition("/")[2])
        return self.part(xorb, start, end or 0)

    def part(self, xorb: Xorb, start: int, end: int) -> bytes:
        """The answer with some bytes of a xorb."""
        told = f"Content-Range: bytes {start}-{end - 1}/{len(xorb.data)}\r\n"
        return answer(self.body(xorb.data[start:end]), "206 Partial Content", told)

    def told(self, start: int, end: int) -> Told:
        """The reconstruction of [start, end), cut to whole chunks."""
        terms: list[Told] = []
        xorbs: dict[str, Any] = {}
        place = skip = 0
        for xorb, first, last in self.terms:
            chunks: list[int] = []
            for number in range(first, last):
                if place < end and place + len(xorb.chunks[number]) > start:
                    skip = skip if chunks or terms else start - place
                    chunks.append(number)
                place += len(xorb.chunks[number])
            if chunks:
                span = {"start": chunks[0], "end": chunks[-1] + 1}
                length = sum(len(xorb.chunks[number]) for number in chunks)
                terms.append({"hash": xorb.hash, "range": span, "unpacked_length": length})
                low, high = xorb.span(chunks[0], chunks[-1] + 1)
                several = xorbs.setdefault(
                    xorb.hash, [{"url": f"{self.storage.origin}/xorbs/{xorb.hash}?sig=secret", "ranges": []}]
                )
                several[0]["ranges"].append({"chunks": span, "bytes": {"start": low, "end": high}})
        return {"offset_into_first_range": skip, "terms": terms, "xorbs": xorbs}


@asynccontextmanager
async def source_of(
    *stores: ScriptedStore,
    pace: Pace | None = None,
    retries: Retries | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Source]:
    """What a stream of the first store's file reads from; the other ones are trusted as well."""
    async with AsyncExitStack() as stack:
        for each in stores:
            await stack.enter_async_context(each)
        http = Http(FetchSettings(), trusted=[each.origin for each in stores])
        stack.push_async_callback(http.close)
        retries = retries or impatient()

        async def access(refused: Access | None) -> Access:  # noqa: ARG001  there is no other
            return Access(stores[0].origin, STORES_TOKEN, time.time() + 3600)

        cas = Cas(http, access, retries)
        limits = limits or Limits(patience=5.0, stall_seconds=0.5)
        yield Source(http, cas, stores[0].hash, retries, pace or Pace(), limits)
