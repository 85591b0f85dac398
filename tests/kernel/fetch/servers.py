"""Real servers on loopback: one that answers HTTP, one that is a proxy; and a resolver by table."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import trustme

Respond = Callable[["Received", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """The request target (RFC 9112, 3.2)."""
        return self.line.split(" ")[1]


def answer(body: bytes = b"hello", status: str = "200 OK", headers: str = "") -> bytes:
    """A whole HTTP answer; ``headers`` are lines ended by CRLF."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(b"moved", f"{status} Moved", f"Location: {location}\r\n")


async def read_head(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
    fields = (line.partition(":") for line in head[1:] if line)
    return Received(head[0], {name.lower(): value.strip() for name, _, value in fields})


class Server:
    """A TCP server on loopback that counts its connections and ends with the block."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.connections = 0
        self.requests: list[Received] = []
        self.names: list[str | None] = []
        """The SNI of each handshake."""
        self._tls, self._host = tls, host
        self._tasks: set[asyncio.Task[None]] = set()
        if tls is not None:
            tls.sni_callback = self._note_name

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.serve(reader, writer)
        writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()
        self._tasks.discard(task)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        raise NotImplementedError

    def _note_name(self, _: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        self.names.append(name)


class Listener(Server):
    """Answers every request with the same bytes, or as a function says."""

    def __init__(
        self, respond: bytes | Respond = b"", *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        super().__init__(tls=tls, host=host)
        self._respond = respond or answer()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer it."""
        self.requests.append(await read_head(reader))
        if isinstance(self._respond, bytes):
            writer.write(self._respond)
        else:
            await self._respond(self.requests[-1], writer)
        await writer.drain()


class Proxy(Server):
    """An HTTP proxy that notes what it is asked for and reaches one port on loopback instead."""

    def __init__(
        self, upstream: int, *, refuse: Sequence[str] = (), tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(tls=tls)
        self._upstream, self._refuse = upstream, refuse

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open a tunnel, or pass one request on."""
        self.requests.append(asked := await read_head(reader))
        if asked.target in self._refuse:
            writer.write(answer(status="502 Bad Gateway"))
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            if asked.line.startswith("CONNECT"):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                far_writer.write(f"GET / HTTP/1.1\r\nHost: {asked.headers['host']}\r\n\r\n".encode())
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            far_writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError, NotImplementedError):
        writer.write_eof()


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """What a server needs to be these names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@contextlib.contextmanager
def silent(host: str, port: int) -> Iterator[None]:
    """Make a port leave connections without any answer: its queue is full and nobody accepts."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((host, port))
        server.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((host, port))
        yield


class Names:
    """A resolver by table. A name's answers are given one a call, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.asked: list[str] = []
        self._answers = {name.replace("_", "."): list(each) for name, each in answers.items()}

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """Answer by the table; a name that it lacks does not exist."""
        self.asked.append(host)
        if host not in self._answers:
            raise OSError("no such name")
        answers = self._answers[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]
