"""Connections are kept while that is safe, bounded in number and time, and sent again on once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from offing.xet.wire import ConnectFailed, ConnectionLost, Stalled, connection
from tests.xet.wire.origins import Origin, Room, Visit, answer, client, collect, run, until


async def keeping(visit: Visit) -> None:
    """Answer one request after another."""
    while True:
        await visit.request()
        await visit.send(answer())


def test_a_connection_whose_body_was_read_to_its_end_is_used_again(loop: str) -> None:
    async def script(visit: Visit) -> None:
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        for sent in (answer(), chunked, answer(b""), head, b"HTTP/1.1 304 Same\r\n\r\n", answer()):
            await visit.request()
            await visit.send(sent)

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            assert (await http.ask(origin.url)).body == b"hello"
            assert (await http.ask(origin.url)).body == b"hello"
            assert (await http.ask(origin.url)).body == b""
            incoming = await http.open(origin.url, method="HEAD")
            assert (incoming.length, await collect(incoming)) == (5, b"")
            assert (await http.ask(origin.url)).status == 304
            room = Room()
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert room.body == b"hello"
            assert (origin.visits, http.open_connections) == (1, 1)

    run(loop, test())


def test_a_connection_whose_body_was_not_read_to_its_end_is_never_used_again(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(bytes(3_000_000))[:-1])
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            for count in (1, 2, 3):
                with await http.open(origin.url) as incoming:
                    await anext(incoming)
                assert origin.visits == count

    run(loop, test())


@pytest.mark.parametrize(
    "sent",
    [
        answer(headers="Connection: close\r\n"),
        answer(headers="Connection: keep-alive, Close\r\n"),
        answer().replace(b"1.1", b"1.0"),
        answer() + b"H",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nH",
    ],
)
def test_a_connection_is_not_kept_after(loop: str, sent: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(sent)
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            for count in (1, 2):
                assert (await http.ask(origin.url)).body == b"hello"
                await until(lambda: origin.departures == count)  # noqa: B023  awaited within the turn
            assert origin.visits == 2

    run(loop, test())


def test_bytes_that_nobody_asked_for_end_a_kept_connection(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer())
        await asyncio.sleep(0.02)
        await visit.send(answer(b"smuggled"))
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            assert (await http.ask(origin.url)).body == b"hello"
            assert http.open_connections == 1
            await until(lambda: origin.departures == 1)
            assert http.open_connections == 0

    run(loop, test())


def test_a_kept_connection_that_is_dead_is_replaced_once(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer(str(visit.number).encode()))
        await visit.request()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            assert (await http.ask(origin.url)).body == b"1"
            assert (await http.ask(origin.url)).body == b"2"
            assert len(origin.requests) == 3

    run(loop, test())


def test_a_fresh_connection_that_dies_is_not_replaced(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        if visit.number == 1:
            await visit.send(answer())
            await visit.request()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            await http.ask(origin.url)
            with pytest.raises(ConnectionLost):
                await http.ask(origin.url)
            assert origin.visits == 2

    run(loop, test())


def test_nothing_is_sent_again_once_an_answer_began(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer())
        await visit.request()
        await visit.send(b"HTTP/1.1 2")

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            await http.ask(origin.url)
            with pytest.raises(ConnectionLost):
                await http.ask(origin.url)
            assert origin.visits == 1

    run(loop, test())


def test_a_post_goes_out_once_on_a_connection_of_its_own(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        if visit.number > 1:
            assert await visit.reader.readexactly(4) == b"body"
        await visit.send(answer())
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            await http.ask(origin.url)
            await http.ask(origin.url, method="POST", body=b"body")
            assert origin.visits == 2
            assert "\r\ncontent-length: 4\r\n" in origin.requests[1]

    run(loop, test())


def test_an_idle_connection_ends_after_its_time(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.05)

    async def test() -> None:
        async with Origin(keeping) as origin, client(origin) as http:
            await http.ask(origin.url)
            assert http.open_connections == 1
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_no_more_connections_are_open_than_allowed(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, client(origin, connections=3) as http:
            most = 0

            async def get() -> bytes:
                nonlocal most
                body = (await http.ask(origin.url)).body
                most = max(most, http.open_connections)
                return bytes(body)

            assert set(await asyncio.gather(*(get() for _ in range(20)))) == {b"hello"}
            assert most == 3
            assert origin.visits == 3

    run(loop, test())


def test_an_idle_connection_makes_room_for_another_origin(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as one, Origin(keeping) as two, client(one, two, connections=1) as http:
            for _ in range(3):
                await http.ask(one.url)
                await http.ask(two.url)
            await until(lambda: http.open_connections == 1)
            assert (one.visits, two.visits) == (3, 3)

    run(loop, test())


def test_idle_connections_make_room_for_several_that_are_made_at_once(loop: str) -> None:
    async def test() -> None:
        async with (
            Origin(keeping) as one,
            Origin(keeping) as two,
            Origin(keeping) as three,
            client(one, two, three, connections=3) as http,
        ):
            await asyncio.gather(*(http.ask(one.url) for _ in range(3)))
            assert http.open_connections == 3
            await asyncio.gather(http.ask(two.url), http.ask(three.url), http.ask(two.url))
            await asyncio.sleep(0.01)
            assert http.open_connections == 3

    run(loop, test())


def test_the_wait_for_a_place_ends(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(answer()[:-1])
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin, connections=1) as http:
            with await http.open(origin.url), pytest.raises(Stalled, match="busy"):
                await http.open(origin.url, stall_seconds=0.05)
            with await http.open(origin.url) as incoming:
                assert incoming.status == 200

    run(loop, test())


def test_a_closed_client_asks_nothing(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, client(origin) as http:
            await http.close()
            with pytest.raises(ConnectFailed):
                await http.open(origin.url)
            assert origin.visits == 0

    run(loop, test())


def test_a_port_where_nobody_listens_is_a_failed_connection(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin:
            gone = origin
        async with client(gone) as http:
            with pytest.raises(ConnectFailed, match=gone.url):
                await http.open(f"{gone.url}/?secret")

    run(loop, test())


REQUESTS: list[tuple[dict[str, Any], str]] = [
    ({"method": "GET /evil HTTP/1.1\r\nX:"}, "a method"),
    ({"method": "CONNECT"}, "a method"),
    ({"headers": {"X": "a\r\nY: b"}}, "a header"),
    ({"headers": {"X\r\nY": "b"}}, "a header"),
    ({"headers": {"X ": "b"}}, "a header"),
    ({"headers": {"X": "\u2028"}}, "a header"),
    ({"headers": {"Host": "other"}}, "a header"),
    ({"headers": {"Content-Length": "1"}}, "a header"),
    ({"headers": {"Transfer-Encoding": "chunked"}}, "a header"),
    ({"headers": {"Proxy-Authorization": "Basic x"}}, "a header"),
]


@pytest.mark.parametrize(("options", "what"), REQUESTS)
def test_a_request_that_would_smuggle_is_not_sent(loop: str, options: dict[str, Any], what: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, client(origin) as http:
            with pytest.raises(ValueError, match=what):
                await http.open(origin.url, **options)
            assert origin.visits == 0

    run(loop, test())


def test_a_request_says_what_it_is(loop: str) -> None:
    async def test() -> None:
        async with Origin(keeping) as origin, client(origin) as http:
            await http.ask(
                f"{origin.url}/a%20b?c=d#e", headers={"Authorization": "Bearer hf", "Range": "bytes=0-4"}
            )
            lines = origin.requests[0].split("\r\n")
            assert lines[0] == "GET /a%20b?c=d HTTP/1.1"
            assert f"host: 127.0.0.1:{origin.port}" in lines
            assert "authorization: Bearer hf" in lines
            assert "range: bytes=0-4" in lines
            assert "accept-encoding: identity" in lines

    run(loop, test())
