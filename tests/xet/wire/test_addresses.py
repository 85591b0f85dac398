"""Where connections go: to checked addresses and the operator's own, straight, by TLS, by proxies."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import ssl
from collections.abc import Sequence

import pytest

from offing.kernel.fetch import FetchSettings
from offing.xet.wire import AddressRefused, ConnectFailed, ConnectionLost, Stalled
from tests.xet.wire.origins import Origin, Room, Visit, answer, client, collect, run, until

BODY = bytes(range(256)) * 4000
CREDENTIALS = "Basic " + base64.b64encode(b"user:pass").decode()


async def keeping(visit: Visit) -> None:
    """Answer one request after another."""
    while True:
        await visit.request()
        await visit.send(answer(BODY))


async def relay(visit: Visit) -> None:
    """Be a proxy whose every way leads to the port that the request's query or host names."""
    head = await visit.request()
    target = head.split(" ")[1]
    port = int(target.removeprefix("http://").partition("/")[0].rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if head.startswith("CONNECT"):
            await visit.send(b"HTTP/1.1 200 Established\r\n\r\n")
        else:
            writer.write(head.encode())
        await asyncio.gather(pipe(visit.reader, writer), pipe(reader, visit.writer))
    finally:
        writer.close()


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Names:
    """A resolver by table that notes what it is asked."""

    def __init__(self, **answers: Sequence[str]) -> None:
        self.asked: list[str] = []
        self._answers = {name.replace("_", "."): each for name, each in answers.items()}

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        """Answer by the table; a name that it lacks does not exist."""
        self.asked.append(host)
        if host not in self._answers:
            raise OSError("no such name")
        return self._answers[host]


# Addresses


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]
)
def test_loopback_is_refused_unless_the_origin_is_trusted(loop: str, host: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, client() as http:
            with pytest.raises(AddressRefused):
                await http.open(f"http://{host}:{origin.port}/?signature=secret")
            assert origin.visits == 0

    run(loop, test())


@pytest.mark.parametrize(
    "url", ["ftp://a/", "http://user@a/", "http:///", "/a", "http://a\\b/", "http://a b/"]
)
def test_what_is_no_url_is_refused(loop: str, url: str) -> None:
    async def test() -> None:
        async with client() as http:
            with pytest.raises(AddressRefused):
                await http.open(url)

    run(loop, test())


def test_trust_is_for_one_origin_not_for_its_address(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, Origin(keeping) as other, client(origin) as http:
            assert (await http.ask(origin.url)).body == BODY
            for url in (other.url, f"http://localhost:{origin.port}/", f"https://127.0.0.1:{origin.port}/"):
                with pytest.raises(AddressRefused):
                    await http.ask(url)
            assert other.visits == 0

    run(loop, test())


def test_one_private_address_among_public_ones_refuses_the_name(loop: str) -> None:
    async def test() -> None:
        names = Names(cas_example=["8.8.8.8", "10.0.0.5"])
        async with client(resolver=names) as http:
            with pytest.raises(AddressRefused):
                await http.open("http://cas.example/")

    run(loop, test())


def test_the_checked_address_is_the_one_that_is_connected_to(loop: str) -> None:
    async def test() -> None:
        names = Names(cas_example=["127.0.0.1"])
        settings = FetchSettings(allow_networks=("127.0.0.1/32",))
        async with Origin(keeping) as origin, client(resolver=names, settings=settings) as http:
            assert (await http.ask(f"http://cas.example:{origin.port}/")).body == BODY
            assert f"host: cas.example:{origin.port}" in origin.requests[0]
        assert names.asked == ["cas.example"]

    run(loop, test())


def test_the_next_address_is_tried_where_one_does_not_answer(loop: str) -> None:
    async def test() -> None:
        names = Names(cas_example=["127.0.0.2", "127.0.0.1"])
        settings = FetchSettings(allow_networks=("127.0.0.0/8",))
        async with Origin(keeping) as origin, client(resolver=names, settings=settings) as http:
            assert (await http.ask(f"http://cas.example:{origin.port}/")).status == 200

    run(loop, test())


def test_a_name_that_does_not_exist_is_a_failed_connection(loop: str) -> None:
    async def test() -> None:
        async with client(resolver=Names()) as http:
            with pytest.raises(ConnectFailed):
                await http.open("http://cas.example/")

    run(loop, test())


# TLS


def test_a_body_comes_by_tls_into_a_sink_and_in_pieces(
    loop: str, certified: ssl.SSLContext, bundle: str
) -> None:
    async def test() -> None:
        settings = FetchSettings(ca_bundle=bundle)
        async with Origin(keeping, tls=certified) as origin, client(origin, settings=settings) as http:
            room = Room(5000)
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert (bytes(room.body), room.ends) == (BODY, [None])
            assert await collect(await http.open(origin.url)) == BODY
            assert origin.visits == 1

    run(loop, test())


def test_a_paused_sink_gets_the_rest_by_tls_after_it_resumes(
    loop: str, certified: ssl.SSLContext, bundle: str
) -> None:
    async def test() -> None:
        settings = FetchSettings(ca_bundle=bundle)
        async with Origin(keeping, tls=certified) as origin, client(origin, settings=settings) as http:
            room = Room(70_000)
            incoming = await http.open(origin.url, sink=lambda *_: room)

            def rest() -> None:
                incoming.pause()
                asyncio.get_running_loop().call_later(0.002, incoming.resume)

            room.on_filled = rest
            await room.done.wait()
            assert (bytes(room.body), room.ends) == (BODY, [None])

    run(loop, test())


@pytest.mark.parametrize("notice", [True, False], ids=["with notice", "without"])
def test_by_tls_only_an_end_with_notice_ends_a_body_without_length(
    loop: str, certified: ssl.SSLContext, bundle: str, *, notice: bool
) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
        if not notice:
            await visit.drip()
            visit.writer.transport.abort()

    async def test() -> None:
        settings = FetchSettings(ca_bundle=bundle)
        async with Origin(script, tls=certified) as origin, client(origin, settings=settings) as http:
            incoming = await http.open(origin.url)
            if notice:
                assert await collect(incoming) == BODY
            else:
                with pytest.raises(ConnectionLost):
                    await collect(incoming)

    run(loop, test())


def test_an_end_that_comes_while_paused_loses_nothing_by_tls(
    loop: str, certified: ssl.SSLContext, bundle: str
) -> None:
    body = BODY * 8

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)

    async def test() -> None:
        settings = FetchSettings(ca_bundle=bundle)
        async with Origin(script, tls=certified) as origin, client(origin, settings=settings) as http:
            incoming = await http.open(origin.url)
            await asyncio.sleep(0.1)
            assert await collect(incoming) == body

    run(loop, test())


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_certificate_of_another_name_or_authority_is_refused(
    loop: str, certified: ssl.SSLContext, bundle: str
) -> None:
    async def test() -> None:
        names = Names(other_example=["127.0.0.1"], hub_example=["127.0.0.1"])
        allow = ("127.0.0.1/32",)
        async with Origin(keeping, tls=certified) as origin:
            settings = FetchSettings(ca_bundle=bundle, allow_networks=allow)
            async with client(resolver=names, settings=settings) as http:
                assert (await http.ask(f"https://hub.example:{origin.port}/")).status == 200
                with pytest.raises(ConnectFailed):
                    await http.ask(f"https://other.example:{origin.port}/")
            async with client(resolver=names, settings=FetchSettings(allow_networks=allow)) as http:
                with pytest.raises(ConnectFailed):
                    await http.ask(f"https://hub.example:{origin.port}/")
            assert len(origin.requests) == 1

    run(loop, test())
    gc.collect()


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_handshake_that_stalls_or_is_cancelled_leaves_nothing(loop: str, bundle: str) -> None:
    async def test() -> None:
        async with Origin(lambda visit: visit.gone()) as origin, Origin(b"") as unused:
            url = f"https://127.0.0.1:{origin.port}"
            settings = FetchSettings(ca_bundle=bundle, allow_networks=("127.0.0.1/32",))
            async with client(unused, settings=settings, connections=1) as http:
                with pytest.raises(Stalled):
                    await http.open(url, stall_seconds=0.1)
                await until(lambda: origin.departures == 1)
                task = asyncio.create_task(http.open(url))
                await until(lambda: origin.visits == 2)
                await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await until(lambda: origin.departures == 2)

    run(loop, test())
    gc.collect()


# Proxies


def test_an_http_url_goes_to_the_proxy_whole_and_only_the_proxy_sees_its_credentials(loop: str) -> None:
    async def test() -> None:
        names = Names(cas_example=["8.8.8.8"])
        async with Origin(relay) as proxy, Origin(keeping) as origin:
            settings = FetchSettings(http_proxy=f"http://user:pass@127.0.0.1:{proxy.port}")
            async with client(resolver=names, settings=settings) as http:
                url = f"http://cas.example:{origin.port}/a?b"
                assert (await http.ask(url)).body == BODY
                assert (await http.ask(url)).body == BODY
                head = proxy.requests[0]
                assert head.startswith(f"GET {url} HTTP/1.1\r\n")
                assert f"\r\nproxy-authorization: {CREDENTIALS}\r\n" in head
                assert proxy.visits == 1
                with pytest.raises(AddressRefused):
                    await http.ask("http://127.0.0.1/")
                with pytest.raises(AddressRefused):
                    await http.ask("http://metadata.internal/")

    run(loop, test())


@pytest.mark.parametrize("secure", [False, True], ids=["http proxy", "https proxy"])
def test_an_https_url_goes_through_a_tunnel_to_the_checked_address(
    loop: str, certified: ssl.SSLContext, bundle: str, *, secure: bool
) -> None:
    async def test() -> None:
        names = Names(hub_example=["8.8.8.8"])
        async with (
            Origin(relay, tls=certified if secure else None) as proxy,
            Origin(keeping, tls=certified) as origin,
        ):
            own = proxy.url.replace("://", "://user:pass@")
            settings = FetchSettings(https_proxy=own, ca_bundle=bundle)
            async with client(resolver=names, settings=settings) as http:
                room = Room()
                await http.open(f"https://hub.example:{origin.port}/a?b", sink=lambda *_: room)
                await room.done.wait()
                assert (bytes(room.body), room.ends) == (BODY, [None])
                assert (await http.ask(f"https://hub.example:{origin.port}/")).body == BODY
                assert (proxy.visits, http.open_connections) == (1, 1)
            assert proxy.requests[0].startswith(f"CONNECT 8.8.8.8:{origin.port} HTTP/1.1\r\n")
            assert f"\r\nproxy-authorization: {CREDENTIALS}\r\n" in proxy.requests[0]
            assert "proxy-authorization" not in origin.requests[0]
            assert "GET /a?b HTTP/1.1" in origin.requests[0]

    run(loop, test())


@pytest.mark.parametrize("sent", [answer(status="407 No"), b"HTTP/1.1 200 OK\r\n\r\nX", b"", b"junk\r\n\r\n"])
@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_proxy_that_makes_no_tunnel_is_a_failed_connection(loop: str, sent: bytes) -> None:
    async def test() -> None:
        names = Names(hub_example=["8.8.8.8"])
        async with Origin(sent) as proxy:
            settings = FetchSettings(https_proxy=proxy.url)
            async with client(resolver=names, settings=settings) as http:
                with pytest.raises(ConnectFailed):
                    await http.ask("https://hub.example/")

    run(loop, test())
    gc.collect()


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_a_tunnel_whose_far_end_stalls_is_given_up(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 Established\r\n\r\n")
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as proxy:
            settings = FetchSettings(https_proxy=proxy.url)
            async with client(resolver=Names(hub_example=["8.8.8.8"]), settings=settings) as http:
                with pytest.raises(Stalled):
                    await http.open("https://hub.example/", stall_seconds=0.1)
                await until(lambda: proxy.departures == 1)

    run(loop, test())
    gc.collect()
