"""What a fetch gives, what it refuses, and when it ends."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
import uvloop

from offing.kernel.fetch import (
    AnswerTooLarge,
    Fetched,
    Fetcher,
    FetchProblem,
    FetchSettings,
    FetchTimedOut,
    NetworkFailed,
    TooManyRedirects,
)
from tests.kernel.fetch.servers import Listener, Names, Received, answer, redirect

if TYPE_CHECKING:
    from tests.kernel.fetch.outbound import Outbound

pytestmark = pytest.mark.anyio

LOOPBACK = ("127.0.0.1/32", "::1/128")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


async def get(
    url: str | Listener,
    *,
    max_bytes: int = 1000,
    seconds: float = 5,
    headers: Mapping[str, str] | None = None,
    max_redirects: int = 5,
) -> Fetched:
    settings = FetchSettings(allow_networks=LOOPBACK, max_redirects=max_redirects)
    names = Names(images_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    where = url if isinstance(url, str) else f"http://images.example:{url.port}/"
    return await Fetcher(settings, resolver=names).fetch(
        where, max_bytes=max_bytes, seconds=seconds, headers=headers
    )


async def test_a_fetch_gives_status_headers_body_and_final_url() -> None:
    async with Listener(answer(b"data", headers='ETag: "1"\r\nVary: a\r\nVARY: b\r\n')) as listener:
        fetched = await get(listener)
    assert (fetched.status, fetched.body) == (200, b"data")
    assert fetched.headers == {"content-length": "4", "etag": '"1"', "vary": "a, b"}
    assert fetched.url == f"http://images.example:{listener.port}/"


async def test_a_request_says_what_it_takes_and_who_asks() -> None:
    async with Listener() as listener:
        await get(listener, headers={"If-None-Match": '"\xe9"'})
        sent = listener.requests[0]
    assert sent.line == "GET / HTTP/1.1"
    assert sent.headers.pop("user-agent").startswith("offing/")
    assert sent.headers == {
        "host": f"images.example:{listener.port}",
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "if-none-match": '"\xe9"',
    }


@pytest.mark.parametrize(
    "name", ["Host", "cookie", "Accept-Encoding", "Proxy-Authorization", "Content-Length"]
)
async def test_a_caller_may_not_set_what_a_fetch_sets_itself(name: str, outbound: Outbound) -> None:
    with pytest.raises(ValueError, match="sets this header itself"):
        await get("http://127.0.0.1/", headers={name: "x"})
    assert outbound.connections == []


@pytest.mark.parametrize(
    ("status", "body"), [(201, b"a"), (304, b""), (404, b"gone"), (500, b"oh"), (300, b"which")]
)
async def test_a_status_is_returned_and_not_raised(status: int, body: bytes) -> None:
    reply = answer(body, f"{status} Status") if status != 304 else b"HTTP/1.1 304 Not Modified\r\n\r\n"
    async with Listener(reply) as listener:
        fetched = await get(listener)
    assert (fetched.status, fetched.body) == (status, body)


async def test_a_redirect_without_a_location_is_an_answer_like_any() -> None:
    async with Listener(answer(b"?", "302 Found")) as listener:
        assert (await get(listener)).status == 302


async def test_an_ipv6_address_is_fetched_with_its_brackets_in_host() -> None:
    async with Listener(host="::1") as listener:
        await get(f"http://[::1]:{listener.port}/")
        assert listener.requests[0].headers["host"] == f"[::1]:{listener.port}"


# Size


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    async with Listener(answer(b"x" * 1000)) as listener:
        assert len((await get(listener, max_bytes=1000)).body) == 1000


async def test_an_announced_body_over_the_limit_is_refused_before_it_is_read() -> None:
    async def announce(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(30)

    async with Listener(announce) as listener:
        with pytest.raises(AnswerTooLarge) as caught:
            await get(listener)
    assert (caught.value.max_bytes, caught.value.seen_bytes) == (1000, 5_000_000_000)
    assert caught.value.status == 413


@pytest.mark.parametrize("head", [CHUNKED, b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
async def test_an_endless_body_is_cut_at_the_limit(head: bytes) -> None:
    sent = 0

    async def pour(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(head)
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            sent += 4096
            await writer.drain()

    async with Listener(pour) as listener:
        with pytest.raises(AnswerTooLarge) as caught:
            await get(listener, max_bytes=10_000)
    assert 10_000 < caught.value.seen_bytes < 10_000 + 2 * 65_536
    assert sent < 20_000_000  # what the sockets' buffers took


async def test_a_body_longer_than_its_content_length_ends_there() -> None:
    async with Listener(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh") as listener:
        assert (await get(listener)).body == b"abc"


async def test_the_body_of_a_failure_is_cut_and_the_status_still_returned() -> None:
    async with Listener(answer(b"x" * 5000, "404 Not Found")) as listener:
        fetched = await get(listener)
    assert (fetched.status, len(fetched.body)) == (404, 1000)


async def test_a_compressed_body_is_refused_though_small() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    async with Listener(answer(bomb, headers="Content-Encoding: gzip\r\n")) as listener:
        with pytest.raises(NetworkFailed, match="compressed"):
            await get(listener, max_bytes=100_000)


async def test_a_compressed_failure_is_returned_without_its_body() -> None:
    body = gzip.compress(b"gone")
    async with Listener(answer(body, "404 Not Found", "Content-Encoding: gzip\r\n")) as listener:
        fetched = await get(listener)
    assert (fetched.status, fetched.body) == (404, b"")


async def test_a_body_that_is_encoded_as_identity_is_taken() -> None:
    async with Listener(answer(headers="Content-Encoding: Identity\r\n")) as listener:
        assert (await get(listener)).body == b"hello"


@pytest.mark.parametrize(
    "headers",
    [
        "".join(f"X-{n}: y\r\n" for n in range(101)),
        f"X: {'y' * 40_000}\r\n",
        f"X: {'y' * 200_000}\r\n",
    ],
)
async def test_headers_without_bounds_are_refused(headers: str) -> None:
    async with Listener(answer(headers=headers)) as listener:
        with pytest.raises(NetworkFailed):
            await get(listener)


@pytest.mark.parametrize(
    "reply",
    [
        b"\x00",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded\r\n\r\n",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"5\r\nhel",
    ],
)
async def test_an_answer_that_is_not_proper_http_is_a_failed_network(reply: bytes) -> None:
    async with Listener(reply) as listener:
        with pytest.raises(NetworkFailed):
            await get(listener)


async def test_nobody_listening_is_a_failed_network() -> None:
    async with Listener() as listener:
        pass
    with pytest.raises(NetworkFailed):
        await get(listener)


# Time


async def drip(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(_: Received, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def say_nothing(_: Received, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def promise_for_ever(_: Received, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("respond", [drip, drip_headers, say_nothing, promise_for_ever])
async def test_a_slow_answer_ends_at_the_deadline(respond: object) -> None:
    async with Listener(respond) as listener:  # type: ignore[arg-type]
        began = time.monotonic()
        with pytest.raises(FetchTimedOut):
            await get(listener, seconds=0.3)
    assert 0.25 < time.monotonic() - began < 2


async def test_a_server_that_never_finishes_its_handshake_ends_at_the_deadline() -> None:
    async with Listener(say_nothing) as listener:
        with pytest.raises(FetchTimedOut):
            await get(f"https://images.example:{listener.port}/", seconds=0.3)


async def test_a_slow_lookup_counts() -> None:
    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    with pytest.raises(FetchTimedOut):
        await Fetcher(resolver=never).fetch("http://images.example/", max_bytes=1, seconds=0.1)


async def test_the_deadline_is_one_for_all_redirects() -> None:
    async def wait(_: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.15)
        writer.write(redirect("/"))

    async with Listener(wait) as listener:
        with pytest.raises(FetchTimedOut):
            await get(listener, seconds=0.4)


async def test_a_body_of_tiny_chunks_leaves_the_event_loop_its_turns() -> None:
    async def crumble(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"1\r\nx\r\n" * 40_000 + b"0\r\n\r\n")

    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with Listener(crumble) as listener:
        counting = asyncio.create_task(count())
        assert len((await get(listener, max_bytes=100_000, seconds=30)).body) == 40_000
        counting.cancel()
    assert turns > 40_000 / 64


async def test_a_cancelled_fetch_closes_its_connection() -> None:
    asked, closed = asyncio.Event(), asyncio.Event()

    async def until_closed(_: Received, writer: asyncio.StreamWriter) -> None:
        asked.set()
        try:
            await drip(_, writer)
        except OSError:
            closed.set()

    async with Listener(until_closed) as listener:
        task = asyncio.create_task(get(listener))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(closed.wait(), 5)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(status: int) -> None:
    async def once(received: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"there") if received.target == "/b?c" else redirect("/b?c#d", status))

    async with Listener(once) as listener:
        fetched = await get(listener)
    assert (fetched.body, fetched.url) == (b"there", f"http://images.example:{listener.port}/b?c")


@pytest.mark.parametrize("limit", [0, 1, 5])
async def test_as_many_redirects_as_the_limit_are_followed_and_no_more(limit: int) -> None:
    async def count_down(received: Received, writer: asyncio.StreamWriter) -> None:
        left = int(received.target[1:])
        writer.write(redirect(f"/{left - 1}") if left else answer())

    async with Listener(count_down) as listener:
        url = f"http://127.0.0.1:{listener.port}/"
        assert (await get(f"{url}{limit}", max_redirects=limit)).status == 200
        with pytest.raises(TooManyRedirects):
            await get(f"{url}{limit + 1}", max_redirects=limit)


async def test_the_body_of_a_redirect_is_not_read() -> None:
    async def flood(received: Received, writer: asyncio.StreamWriter) -> None:
        if received.target == "/b":
            writer.write(answer())
            return
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 9000000000\r\n\r\n")
        await asyncio.sleep(30)

    async with Listener(flood) as listener:
        assert (await get(listener)).status == 200


async def test_a_callers_headers_stay_with_their_origin() -> None:
    own = {"Authorization": "Bearer secret", "X-Token": "secret", "User-Agent": "mine"}

    async def at_first(received: Received, writer: asyncio.StreamWriter) -> None:
        there = f"http://images.example:{other_host.port}/"
        writer.write(redirect("/again") if received.target == "/" else redirect(there))

    async with (
        Listener() as last,
        Listener(redirect(f"http://images.example:{last.port}/")) as other_port,
        Listener(redirect(f"http://other.example:{other_port.port}/")) as other_host,
        Listener(at_first) as first,
    ):
        await get(first, headers=own)
    assert [each.headers.get("x-token") for each in first.requests] == ["secret", "secret"]
    for listener in (other_host, other_port, last):
        assert "secret" not in str(listener.requests[0].headers)
        assert listener.requests[0].headers["user-agent"] != "mine"


async def test_headers_do_not_come_back_with_a_redirect_back() -> None:
    async def bounce(received: Received, writer: asyncio.StreamWriter) -> None:
        there = f"http://other.example:{listener.port}/there"
        back = f"http://images.example:{listener.port}/back"
        replies = {"/": redirect(there), "/there": redirect(back), "/back": answer()}
        writer.write(replies[received.target])

    async with Listener(bounce) as listener:
        await get(listener, headers={"Authorization": "secret"})
    assert [each.headers.get("authorization") for each in listener.requests] == ["secret", None, None]


async def test_no_cookie_is_kept() -> None:
    async def hand_out(received: Received, writer: asyncio.StreamWriter) -> None:
        again = answer(b"", "302 Found", "Location: /b\r\nSet-Cookie: a=b\r\n")
        writer.write(again if received.target == "/" else answer())

    async with Listener(hand_out) as listener:
        await get(listener)
    assert "cookie" not in listener.requests[1].headers


# What is told


async def test_no_problem_tells_an_address_a_path_or_an_exception() -> None:
    told = []
    async with Listener(answer(b"x" * 2000)) as listener:
        for url in (f"{listener.port}/secret", "1/secret", "99999/secret"):
            with pytest.raises(FetchProblem) as caught:
                await get(f"http://images.example:{url}")
            told.append(str(caught.value.body()))
    with pytest.raises(FetchProblem) as caught:
        await Fetcher(resolver=Names(intranet=[["10.0.0.5"]])).fetch(
            "http://intranet/secret", max_bytes=1, seconds=1
        )
    told.append(str(caught.value.body()))
    assert not any(word in text for text in told for word in ("secret", "127.0", "10.0", "intranet", "rror("))


def test_a_fetch_runs_on_uvloop_too() -> None:
    async def scenario() -> bytes:
        async with Listener() as listener:
            return (await get(listener)).body

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(scenario()) == b"hello"
