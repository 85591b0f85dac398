"""Bodies come whole, into sinks or in pieces, or they fail; a connection is never left behind."""

from __future__ import annotations

import asyncio
import gc
import os

import pytest

from offing.xet.wire import BadAnswer, ConnectionLost, Http, Stalled
from tests.xet.wire.origins import Origin, Room, Visit, answer, client, collect, run, until

BODY = os.urandom(300_007)


async def endless(visit: Visit) -> None:
    """Announce more than is ever sent, and send until the client goes."""
    await visit.request()
    await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
    while True:
        await visit.send(bytes(100_000))


def test_a_body_goes_into_the_sink_byte_for_byte(loop: str) -> None:
    async def test() -> None:
        async with Origin(answer(BODY)) as origin, client(origin) as http:
            room = Room()
            incoming = await http.open(f"{origin.url}/a", sink=lambda *_: room)
            assert (incoming.status, incoming.length) == (200, len(BODY))
            await room.done.wait()
            assert room.ends == [None]
            assert room.body == BODY

    run(loop, test())


@pytest.mark.parametrize("size", [1, 999, 1000, 1001])
def test_a_body_of_any_size_fits_a_small_room(loop: str, size: int) -> None:
    async def test() -> None:
        async with Origin(answer(BODY[:size])) as origin, client(origin) as http:
            room = Room()
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert (bytes(room.body), room.ends) == (BODY[:size], [None])

    run(loop, test())


def test_a_sink_is_asked_for_2xx_bodies_of_known_length_only(loop: str) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    asked: list[int] = []

    def choose(status: int, headers: object) -> None:
        assert headers
        asked.append(status)

    async def test() -> None:
        for sent in (answer(status="403 No"), chunked, answer(b""), answer(status="206 Part")):
            async with Origin(sent) as origin, client(origin) as http:
                body = await collect(await http.open(origin.url, sink=choose))
                assert body in (b"hello", b"")

    run(loop, test())
    assert asked == [206]


def test_no_byte_beyond_the_body_reaches_the_sink_and_the_connection_is_not_kept(loop: str) -> None:
    async def test() -> None:
        async with Origin(answer(BODY) + b"HTTP/1.1 200 OK\r\n\r\n") as origin, client(origin) as http:
            room = Room(1_000_000)
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert room.body == BODY
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_an_error_of_the_sink_comes_back_to_it_and_frees_the_connection(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room()
            room.fail_after = 100_000
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert [type(each) for each in room.ends] == [ArithmeticError]
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_a_sink_without_room_ends_the_connection(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room()
            room.on_filled = lambda: setattr(room, "room", lambda: memoryview(b""))
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert [type(each) for each in room.ends] == [ValueError]
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_a_sink_that_aborts_is_called_no_more(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room()
            incoming = await http.open(origin.url, sink=lambda *_: room)
            room.on_filled = incoming.abort
            await until(lambda: http.open_connections == 0)
            size = len(room.body)
            await asyncio.sleep(0.02)
            assert (len(room.body), room.ends) == (size, [])
            incoming.abort()

    run(loop, test())


def test_a_paused_sink_receives_nothing_and_is_not_stalled(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room()
            incoming = await http.open(origin.url, sink=lambda *_: room, stall_seconds=0.05)
            room.on_filled = incoming.pause
            await until(lambda: len(room.body) > 0)
            await asyncio.sleep(0.01)
            size = len(room.body)
            await asyncio.sleep(0.2)
            assert (len(room.body), room.ends) == (size, [])
            room.on_filled = lambda: None
            incoming.resume()
            await until(lambda: len(room.body) > 1_000_000)
            incoming.abort()

    run(loop, test())


def test_the_first_bytes_into_a_sink_are_few_before_open_returns(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room(100)
            incoming = await http.open(origin.url, sink=lambda *_: room)
            assert len(room.body) <= 16 * 1024
            incoming.abort()

    run(loop, test())


def test_a_body_shorter_than_announced_is_a_lost_connection(loop: str) -> None:
    async def test() -> None:
        sent = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123456789"
        async with Origin(sent) as origin, client(origin) as http:
            room = Room()
            await http.open(origin.url, sink=lambda *_: room)
            await room.done.wait()
            assert [type(each) for each in room.ends] == [ConnectionLost]
            incoming = await http.open(origin.url)
            assert await anext(incoming) == b"123456789"
            with pytest.raises(ConnectionLost):
                await anext(incoming)

    run(loop, test())


def test_a_body_without_length_lasts_until_the_connection_closes(loop: str) -> None:
    async def test() -> None:
        async with Origin(b"HTTP/1.0 200 OK\r\n\r\n" + BODY) as origin, client(origin) as http:
            incoming = await http.open(origin.url)
            assert incoming.length is None
            assert await collect(incoming) == BODY
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_a_reset_is_no_end_of_a_body_without_length(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\n\r\npart")
        await asyncio.sleep(0.05)
        visit.writer.transport.get_extra_info("socket").setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER
        visit.writer.transport.abort()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            with pytest.raises(ConnectionLost):
                await collect(await http.open(origin.url))

    run(loop, test())


def test_a_stalled_body_fails_after_the_time_for_no_byte(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            now = asyncio.get_running_loop().time
            start = now()
            with pytest.raises(Stalled):
                await collect(await http.open(origin.url, stall_seconds=0.1))
            assert 0.08 < now() - start < 2
            room = Room()
            await http.open(origin.url, sink=lambda *_: room, stall_seconds=0.1)
            await room.done.wait()
            assert [type(each) for each in room.ends] == [Stalled]
            await until(lambda: origin.departures == 2)

    run(loop, test())


def test_a_slow_body_that_goes_on_is_not_stalled(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.03)
            await visit.send(b"x")

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            assert await collect(await http.open(origin.url, stall_seconds=0.2)) == b"x" * 10

    run(loop, test())


def test_little_waits_while_nobody_iterates_and_that_is_no_stall(loop: str) -> None:
    sent = 0

    async def script(visit: Visit) -> None:
        nonlocal sent
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 64000000\r\n\r\n")
        for _ in range(640):
            await visit.send(bytes(100_000))
            sent += 100_000
        await visit.request()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            incoming = await http.open(origin.url, stall_seconds=0.1)
            await asyncio.sleep(0.4)
            held = sum(map(len, incoming._body._queue))  # noqa: SLF001  what it holds shows nowhere else
            assert 1024 * 1024 <= held < 1400 * 1024
            assert sent < 64_000_000
            total = 0
            async for piece in incoming:
                total += len(piece)
            assert total == 64_000_000

    run(loop, test())


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_cancelling_an_iteration_ends_the_connection_at_once(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            incoming = await http.open(origin.url)
            task = asyncio.create_task(collect(incoming))
            await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: origin.departures == 1)
            assert http.open_connections == 0
            with pytest.raises(ConnectionLost):
                await collect(incoming)

    run(loop, test())
    gc.collect()


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_cancelling_the_wait_for_the_head_ends_the_connection_at_once(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.gone()

    async def test() -> None:
        async with Origin(script) as origin, client(origin, connections=1) as http:
            for count in (1, 2, 3):
                task = asyncio.create_task(http.open(origin.url))
                await until(lambda: len(origin.requests) == count)  # noqa: B023  awaited within the turn
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await until(lambda: origin.departures == count)  # noqa: B023
                assert http.open_connections == 0

    run(loop, test())
    gc.collect()


@pytest.mark.filterwarnings("error::ResourceWarning")
@pytest.mark.parametrize("turns", range(12))
def test_cancelling_at_any_turn_leaves_nothing(loop: str, turns: int) -> None:
    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(answer())

    async def read(http: Http, url: str) -> bytes:
        return (await http.ask(url)).body

    async def test() -> None:
        async with Origin(script) as origin, client(origin, connections=1) as http:
            task = asyncio.create_task(read(http, origin.url))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            # The one place is free again, and what is kept is in order.
            assert await read(http, origin.url) == b"hello"

    run(loop, test())
    gc.collect()


def test_leaving_the_block_of_an_answer_aborts_it(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            with await http.open(origin.url) as incoming:
                assert await anext(incoming)
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_closing_the_client_ends_every_answer(loop: str) -> None:
    async def test() -> None:
        async with Origin(endless) as origin, client(origin) as http:
            room = Room()
            await http.open(origin.url, sink=lambda *_: room)
            task = asyncio.create_task(collect(await http.open(origin.url)))
            await asyncio.sleep(0.01)
            await http.close()
            assert [type(each) for each in room.ends] == [ConnectionLost]
            with pytest.raises(ConnectionLost):
                await task

    run(loop, test())


def test_a_whole_answer_is_asked_for_within_bytes_and_seconds(loop: str) -> None:
    async def slow(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            await visit.send(b"x")
            await asyncio.sleep(0.02)

    async def test() -> None:
        async with Origin(answer()) as origin, client(origin) as http:
            assert (await http.ask(origin.url, max_bytes=5)).body == b"hello"
            with pytest.raises(BadAnswer, match="more than 4 bytes"):
                await http.ask(origin.url, max_bytes=4)
        async with Origin(answer(status="500 Oh")) as origin, client(origin) as http:
            refused = await http.ask(origin.url, max_bytes=4)
            assert (refused.status, refused.body) == (500, b"hell")
        async with Origin(slow) as origin, client(origin) as http:
            with pytest.raises(Stalled):
                await http.ask(origin.url, seconds=0.2)
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_a_compressed_answer_that_nobody_asked_for_is_refused(loop: str) -> None:
    async def test() -> None:
        async with Origin(answer(headers="Content-Encoding: gzip\r\n")) as origin, client(origin) as http:
            with pytest.raises(BadAnswer, match="compressed"):
                await http.ask(origin.url)
            asked = await http.ask(origin.url, headers={"Accept-Encoding": "gzip"})
            assert asked.body == b"hello"

    run(loop, test())
