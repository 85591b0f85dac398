"""Origins on loopback that answer by a script, and the small things every test of the wire uses."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Self

import uvloop

from offing.kernel.fetch import FetchSettings
from offing.xet.wire import Http

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}

Script = Callable[["Visit"], Awaitable[None]]


class Failures:
    """What an event loop complained about."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, Any]] = []

    def __call__(self, _: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Note it."""
        self.seen.append(context)


def run(loop: str, test: Coroutine[Any, Any, None], seconds: float = 10) -> None:
    """Run a test on an event loop by name; whatever that loop would only log fails it."""
    failures = Failures()

    async def within() -> None:
        asyncio.get_running_loop().set_exception_handler(failures)
        async with asyncio.timeout(seconds):
            await test

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(within())
    assert failures.seen == []


class Visit:
    """One connection as its server sees it."""

    def __init__(self, origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.origin, self.reader, self.writer = origin, reader, writer
        self.number = origin.visits
        """Counted from 1."""
        self.left = asyncio.Event()
        """Set when the client has gone."""

    async def request(self) -> str:
        """Read a request without its body, note it, and give its head."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.origin.requests.append(head)
        return head

    async def send(self, data: bytes) -> None:
        """Send, as fast as the client takes it."""
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self) -> None:
        """Wait a little."""
        await asyncio.sleep(0.01)

    async def gone(self) -> None:
        """Wait until the client has gone."""
        with contextlib.suppress(OSError):
            while await self.reader.read(65536):
                pass
        self.origin.departures += 1


class Origin:
    """A server that runs a script for each connection, and ends with the block."""

    def __init__(self, script: Script | bytes, *, tls: ssl.SSLContext | None = None) -> None:
        self._script, self._tls = script, tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.visits = 0
        self.departures = 0
        self.requests: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.visits += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(Visit(self, reader, writer))
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def _serve(self, visit: Visit) -> None:
        if isinstance(self._script, bytes):
            await visit.request()
            await visit.send(self._script)
        else:
            await self._script(visit)


def answer(body: bytes = b"hello", status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer; ``headers`` are lines ended by CRLF."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@contextlib.asynccontextmanager
async def client(*trusted: Origin, **options: Any) -> Any:
    """A client that trusts these origins; closed, with no socket left, at the end of the block."""
    settings = options.pop("settings", FetchSettings())
    http = Http(settings, trusted=[each.url for each in trusted], **options)
    try:
        yield http
    finally:
        await http.close()
        assert http.open_connections == 0


async def until(condition: Callable[[], bool]) -> None:
    """Let the event loop turn until something holds; the test's own time limit ends the wait."""
    while not condition():  # noqa: ASYNC110  what is waited for is no event of this side
        await asyncio.sleep(0.001)


class Room:
    """A sink with a small room that keeps everything, and can pause or fail at a byte count."""

    def __init__(self, size: int = 1000) -> None:
        self._memory = bytearray(size)
        self._begin = 0
        self.body = bytearray()
        self.ends: list[Exception | None] = []
        self.done = asyncio.Event()
        self.fail_after: int | None = None
        self.on_filled: Callable[[], None] = lambda: None

    def room(self) -> memoryview:
        """The rest of its memory."""
        return memoryview(self._memory)[self._begin :]

    def filled(self, count: int) -> None:
        """Keep a copy."""
        self.body += self._memory[self._begin : self._begin + count]
        self._begin = (self._begin + count) % len(self._memory)
        if self.fail_after is not None and len(self.body) >= self.fail_after:
            raise ArithmeticError("the sink's own")
        self.on_filled()

    def ended(self, error: Exception | None) -> None:
        """Note it."""
        self.ends.append(error)
        self.done.set()


async def collect(incoming: Any) -> bytes:
    """Read a body to its end."""
    return b"".join([piece async for piece in incoming])
