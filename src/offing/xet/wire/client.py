"""The client: one request at a time on as many kept connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from types import MappingProxyType

from offing.kernel.fetch.guard import Guard, read_networks
from offing.kernel.fetch.problems import BadUrl
from offing.kernel.fetch.proxy import read_proxies
from offing.kernel.fetch.resolver import Resolver, ThreadedResolver
from offing.kernel.fetch.settings import FetchSettings
from offing.kernel.fetch.url import Url, read_url
from offing.xet.wire.bodies import IntoSink, Pieces, Sink
from offing.xet.wire.connection import Connection
from offing.xet.wire.decoding import Chunked, Decoder, Sized, UntilClose
from offing.xet.wire.dialer import Dialer
from offing.xet.wire.errors import AddressRefused, BadAnswer, ConnectionLost, Stalled, WireError
from offing.xet.wire.exchange import HeadReader, exchange
from offing.xet.wire.head import Framing, Head, announced_length, frame
from offing.xet.wire.incoming import Answer, Incoming
from offing.xet.wire.pool import Pool
from offing.xet.wire.request import REPEATABLE, write_request

SCRATCH_BYTES = 256 * 1024

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

ChooseSink = Callable[[int, Mapping[str, str]], Sink | None]


class Http:
    """An HTTP/1.1 client for large bodies; one for a process, used from one event loop.

    ``trusted`` are origins ("http://127.0.0.1:9000") that may be at any address, because the
    operator chose them. Every other URL leads to public addresses only, or to those that
    ``settings.allow_networks`` adds, and the connection goes to the very address that was checked.
    ``connections`` bounds those that are open at once, idle ones included; requests beyond wait.
    ``resolver`` takes the place of the system's.

    Building one does nothing slow. Raises :class:`~offing.kernel.settings.BadSetting` where the
    settings cannot be read, :class:`ValueError` for a trusted origin that is not a URL.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        trusted: Collection[str] = (),
        connections: int = 256,
        resolver: Resolver | None = None,
    ) -> None:
        guard = Guard(read_networks(settings.allow_networks), resolver or ThreadedResolver())
        origins = frozenset(_origin(each) for each in trusted)
        self._dialer = Dialer(guard, read_proxies(settings), origins, settings.ca_bundle)
        self._user_agent = settings.user_agent
        self._pool = Pool(connections)
        self._scratch = memoryview(bytearray(SCRATCH_BYTES))

    @property
    def open_connections(self) -> int:
        """How many sockets are open now, busy and idle."""
        return len(self._pool)

    def prepare(self) -> None:
        """Load the certificates (about 0.1 s), as the first https request would."""
        _ = self._dialer.context

    async def open(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes = b"",
        sink: ChooseSink | None = None,
        stall_seconds: float = 30,
    ) -> Incoming:
        """Send a request and give its answer when the head is here, whatever the status.

        Redirects are not followed. ``sink`` is asked with status and headers where the answer is
        2xx and its body's length is known and not 0; the body then goes into the sink it gives,
        without a copy. At most 16 KiB that came with the head reach the sink before this returns
        (so may :meth:`Sink.ended`, where that was all), the rest after.

        :param stall_seconds: for the connection, then for the head, then between any two pieces
            of the body while it is not paused.

        Raises :class:`~offing.xet.wire.errors.WireError`, :class:`ValueError` for a method
        or header that cannot be sent, and what ``sink`` raises. A request on a kept connection
        that turns out dead before any byte of the answer came is sent once more on a new one,
        unless its method forbids that.
        """
        known = _read(url)
        request = write_request(known, self._dialer.relay(known), method, self._headers(headers), body)
        fresh = method not in REPEATABLE
        connection, kept = await self._connection(known, stall_seconds, fresh=fresh)
        try:
            head, reader = await exchange(connection, request, stall_seconds)
        except ConnectionLost as error:
            if not kept or not error.unanswered:
                raise
            connection, _ = await self._connection(known, stall_seconds, fresh=True)
            head, reader = await exchange(connection, request, stall_seconds)
        try:
            return _begin(connection, head, reader, method, sink, stall_seconds)
        except BaseException as error:
            connection.abort()
            _name(error, known)
            raise

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] = NO_HEADERS,
        body: bytes = b"",
        max_bytes: int = 16 * 1024 * 1024,
        seconds: float = 60,
    ) -> Answer:
        """Send a request and give its whole answer, whatever the status.

        A 2xx body of more than ``max_bytes``, or one that is content-encoded although nobody
        asked for that, raises :class:`BadAnswer`; any other body is a message and is cut there.
        ``seconds`` is for all together, :class:`Stalled` after it.
        """
        try:
            async with asyncio.timeout(seconds):
                incoming = await self.open(
                    url, method=method, headers=headers, body=body, stall_seconds=seconds
                )
                with incoming:
                    _refuse_encoded(incoming, headers)
                    return Answer(incoming.status, incoming.headers, await _whole(incoming, max_bytes))
        except TimeoutError:
            raise Stalled(f"no whole answer within {seconds:g} s", _peer(_read(url))) from None
        except WireError as error:
            _name(error, _read(url))
            raise

    async def close(self) -> None:
        """End every connection at once; whoever waits for an answer gets ``ConnectionLost``."""
        await self._pool.close()

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        own = {name.lower(): value for name, value in headers.items()}
        return {"user-agent": self._user_agent, "accept": "*/*", "accept-encoding": "identity", **own}

    async def _connection(self, url: Url, seconds: float, *, fresh: bool) -> tuple[Connection, bool]:
        peer = _peer(url)

        async def dial() -> Connection:
            return await self._dialer.dial(url, lambda: Connection(peer, self._scratch, self._pool), seconds)

        return await self._pool.connection(peer, dial, seconds, fresh=fresh)


def _begin(
    connection: Connection,
    head: Head,
    reader: HeadReader,
    method: str,
    sink: ChooseSink | None,
    seconds: float,
) -> Incoming:
    """Choose where the body goes, and let it come."""
    framing = frame(method, head)
    taker = None
    if sink is not None and framing.length and 200 <= head.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
        taker = sink(head.status, head.headers)
    body: IntoSink | Pieces
    if taker is not None and framing.length is not None:
        body = IntoSink(connection, taker, framing.length, keeps=framing.keeps)
    else:
        body = Pieces(connection, _decoder(framing), keeps=framing.keeps)
    incoming = Incoming(connection, body, head.status, head.headers, announced_length(head))
    connection.give_body(body, reader.rest(), seconds)
    return incoming


def _decoder(framing: Framing) -> Decoder:
    if framing.length is not None:
        return Sized(framing.length)
    return Chunked() if framing.chunked else UntilClose()


async def _whole(incoming: Incoming, max_bytes: int) -> bytes:
    wanted = 200 <= incoming.status < 300  # noqa: PLR2004  RFC 9110, 15.3: success
    body = bytearray()
    async for piece in incoming:
        body += piece
        if len(body) > max_bytes:
            if wanted:
                raise BadAnswer(f"the answer has more than {max_bytes} bytes")
            break
    return bytes(body[:max_bytes])


def _refuse_encoded(incoming: Incoming, asked: Mapping[str, str]) -> None:
    encoding = incoming.headers.get("content-encoding", "identity").lower()
    if encoding != "identity" and "accept-encoding" not in {name.lower() for name in asked}:
        raise BadAnswer("the answer is compressed, which was not asked for")


@lru_cache(maxsize=64)  # the runs of one xorb that a file needs have one URL
def _read(url: str) -> Url:
    try:
        return read_url(url)
    except BadUrl:
        raise AddressRefused("not a URL that can be asked") from None


def _origin(trusted: str) -> tuple[str, str, int]:
    try:
        return read_url(trusted).origin
    except BadUrl:
        raise ValueError("a trusted origin is not a URL") from None


def _peer(url: Url) -> str:
    return f"{url.scheme}://{url.authority}"


def _name(error: BaseException, url: Url) -> None:
    """Add to a failure whose it is."""
    if isinstance(error, WireError):
        error.peer = error.peer or _peer(url)
