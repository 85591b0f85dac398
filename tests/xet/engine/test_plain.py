"""Plain bytes of a file: ranges checked, broken connections taken up, and the token for the hub alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from offing.kernel.problems import Problem
from offing.xet.engine import plain, source
from offing.xet.engine.plain import Plain
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.problems import BadRange, EntryNotFound, Gated, NoRight, RateLimited, UpstreamFailed
from tests.xet.engine.scripted_hub import (
    COMMIT,
    OTHER_COMMIT,
    SHA256,
    TOKEN,
    Script,
    ScriptedHub,
    client,
    reply,
)

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)
TARGET = f"/owner/repo/resolve/{COMMIT}/a.bin"
GET = f"GET {TARGET}"


def part(start: int, end: int, *, sent: bytes | None = None, **headers: str) -> bytes:
    """A range as it should be answered; ``sent`` instead of its bytes."""
    body = CONTENT[start:end]
    announced = {
        "Content_Range": f"bytes {start}-{end - 1}/{SIZE}",
        "Content_Length": str(len(body)),
        **headers,
    }
    return reply(206, body if sent is None else sent, **announced)


def resolved(location: str, size: int = SIZE) -> Resolved:
    return Resolved(Repository("owner/repo"), "a.bin", size, SHA256, SHA256, None, COMMIT, None, location)


async def gather(body: Plain, got: bytearray) -> None:
    async for piece in body:
        got += piece


async def read(body: Plain) -> bytes:
    got = bytearray()
    await gather(body, got)
    return bytes(got)


async def fetched(
    hub: ScriptedHub, location: str, start: int = 0, end: int = SIZE, *others: ScriptedHub, size: int = SIZE
) -> bytes:
    async with client(hub, *others) as asking:
        body = await asking.open_plain(resolved(location, size), start, end, TOKEN)
        assert body.length == end - start
        return await read(body)


def bytes_of(script: Script, start: int = 0, end: int = SIZE, size: int = SIZE) -> bytes:
    async def scenario() -> bytes:
        async with ScriptedHub(script) as hub:
            return await fetched(hub, hub.origin + TARGET, start, end, size=size)

    return asyncio.run(scenario())


def refused(answer: bytes, start: int = 0, end: int = SIZE) -> Problem:
    with pytest.raises(Problem) as caught:
        bytes_of({GET: answer}, start, end)
    return caught.value


def test_a_whole_file_is_asked_for_without_a_range() -> None:
    async def scenario() -> None:
        async with ScriptedHub({GET: reply(200, CONTENT)}) as hub:
            assert await fetched(hub, hub.origin + TARGET) == CONTENT
            assert "range" not in hub.requests[0].headers
            assert hub.requests[0].headers["accept-encoding"] == "identity"
            assert hub.tokens == [f"Bearer {TOKEN}"]

    asyncio.run(scenario())


@pytest.mark.parametrize(("start", "end"), [(0, 1), (10, 20), (SIZE - 1, SIZE), (1, SIZE)])
def test_a_range_is_asked_for_by_its_bytes(start: int, end: int) -> None:
    async def scenario() -> None:
        async with ScriptedHub({GET: part(start, end)}) as hub:
            assert await fetched(hub, hub.origin + TARGET, start, end) == CONTENT[start:end]
            assert hub.requests[0].headers["range"] == f"bytes={start}-{end - 1}"

    asyncio.run(scenario())


def test_an_empty_file_has_no_bytes() -> None:
    assert bytes_of({GET: reply(200)}, 0, 0, size=0) == b""


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 5), (5, 4), (5, 5), (0, SIZE + 1), (SIZE, SIZE), (SIZE, SIZE + 1)]
)
def test_a_range_that_the_file_does_not_have_is_refused_before_anything_is_sent(start: int, end: int) -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub:
            with pytest.raises(BadRange) as caught:
                await fetched(hub, hub.origin + TARGET, start, end)
            assert caught.value.headers == {"Content-Range": f"bytes */{SIZE}"}
            assert hub.connections == 0

    asyncio.run(scenario())


def test_storage_is_asked_without_the_token() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub({"GET /blob?sig=1": part(3, 9)}) as storage:
            assert await fetched(hub, storage.origin + "/blob?sig=1", 3, 9, storage) == CONTENT[3:9]
            assert storage.tokens == [None]
            assert hub.connections == 0

    asyncio.run(scenario())


def test_redirects_are_followed_and_the_token_is_left_behind_for_good() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as storage:
            hub.answer(
                {
                    GET: reply(307, b"moved", Location="/b"),
                    "GET /b": reply(302, Location=storage.origin + "/c"),
                }
            )
            storage.answer({"GET /c": reply(302, Location=hub.origin + "/d")})
            hub.answer({"GET /d": part(0, 9)})
            assert await fetched(hub, hub.origin + TARGET, 0, 9, storage) == CONTENT[:9]
            assert hub.tokens == [f"Bearer {TOKEN}"] * 2 + [None]
            assert storage.tokens == [None]
            assert hub.requests[-1].headers["range"] == "bytes=0-8"
            assert hub.connections == 1

    asyncio.run(scenario())


def test_redirects_end() -> None:
    async def scenario() -> None:
        async with ScriptedHub({GET: reply(302, Location=TARGET)}) as hub:
            with pytest.raises(UpstreamFailed):
                await fetched(hub, hub.origin + TARGET)
            assert len(hub.requests) == 6

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_expired_location_is_asked_of_the_hub_again_at_the_commit(status: int) -> None:
    async def scenario() -> None:
        async with (
            ScriptedHub() as hub,
            ScriptedHub({"GET /old": reply(status), "GET /new": part(0, 9)}) as storage,
        ):
            hub.answer({GET: reply(302, Location=storage.origin + "/new")})
            assert await fetched(hub, storage.origin + "/old", 0, 9, storage) == CONTENT[:9]
            assert hub.tokens == [f"Bearer {TOKEN}"]
            assert storage.tokens == [None, None]

    asyncio.run(scenario())


def test_a_location_that_has_moved_to_another_commit_is_left() -> None:
    async def scenario() -> None:
        moved = part(0, 9, X_Repo_Commit=OTHER_COMMIT)
        async with (
            ScriptedHub({GET: part(0, 9, X_Repo_Commit=COMMIT)}) as hub,
            ScriptedHub({"GET /x": moved}) as mirror,
        ):
            assert await fetched(hub, mirror.origin + "/x", 0, 9, mirror) == CONTENT[:9]
            assert len(hub.requests) == 1

    asyncio.run(scenario())


def test_a_location_that_the_hub_says_is_good_but_storage_refuses_is_a_failure() -> None:
    async def scenario() -> None:
        async with (
            ScriptedHub() as hub,
            ScriptedHub({"GET /x": reply(403, X_Error_Code="GatedRepo")}) as storage,
        ):
            hub.answer({GET: reply(302, Location=storage.origin + "/x")})
            with pytest.raises(UpstreamFailed):
                await fetched(hub, storage.origin + "/x", 0, 9, storage)
            assert len(storage.requests) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(401), NoRight),
        (reply(403, X_Error_Code="GatedRepo"), Gated),
        (reply(404), EntryNotFound),
        (reply(416), UpstreamFailed),
        (reply(429, Retry_After="999"), RateLimited),
        (reply(500), UpstreamFailed),
        (reply(204), UpstreamFailed),
    ],
)
def test_refusals_are_told_before_any_byte(answer: bytes, kind: type[Problem]) -> None:
    assert type(refused(answer)) is kind


@pytest.mark.parametrize(
    "answer",
    [
        part(10, 20, Content_Range="bytes 11-20/1024"),
        part(10, 20, Content_Range="bytes 10-20/1024"),
        part(10, 20, Content_Range="bytes 10-19/1025"),
        part(10, 20, Content_Range="bytes */1024"),
        part(10, 20, Content_Range="items 10-19/1024"),
        part(10, 20, Content_Range="bytes 10-19/1024, bytes 10-19/1024"),
        part(10, 20, Content_Range=""),
        part(10, 21, Content_Range="bytes 10-19/1024"),
        part(10, 19, Content_Range="bytes 10-19/1024"),
        part(10, 20, Content_Encoding="gzip"),
        part(10, 20, X_Repo_Commit=OTHER_COMMIT),
        reply(206, CONTENT[10:20], Content_Type="multipart/byteranges; boundary=x"),
        reply(200, CONTENT[10:20]),
        reply(200, CONTENT + b"!"),
    ],
)
def test_another_range_than_asked_for_is_a_failure(answer: bytes) -> None:
    assert isinstance(refused(answer, 10, 20), UpstreamFailed)


def test_a_range_of_a_file_whose_size_the_answer_does_not_know_is_taken() -> None:
    assert bytes_of({GET: part(10, 20, Content_Range="bytes 10-19/*")}, 10, 20) == CONTENT[10:20]


@pytest.mark.parametrize(("start", "end"), [(0, 5), (10, 20), (1000, SIZE), (SIZE - 1, SIZE)])
def test_a_server_without_ranges_is_read_up_to_what_is_wanted(start: int, end: int) -> None:
    assert bytes_of({GET: reply(200, CONTENT)}, start, end) == CONTENT[start:end]


def test_a_server_without_ranges_is_not_read_from_far_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_SKIPPED", 99)
    assert isinstance(refused(reply(200, CONTENT), 100, 200), UpstreamFailed)


def test_a_broken_connection_is_taken_up_where_it_broke() -> None:
    async def scenario() -> None:
        broken = part(0, SIZE, sent=CONTENT[:300], Connection="close")
        again = part(300, SIZE, sent=CONTENT[300:301], Connection="close")
        async with ScriptedHub({GET: [broken, again, b"", part(301, SIZE)]}) as hub:
            assert await fetched(hub, hub.origin + TARGET) == CONTENT
            asked = [each.headers.get("range") for each in hub.requests]
            assert asked[:2] == [None, f"bytes=300-{SIZE - 1}"]
            assert set(asked[2:]) == {f"bytes=301-{SIZE - 1}"}

    asyncio.run(scenario())


def test_a_connection_that_breaks_again_and_again_is_a_failure_and_no_clean_end() -> None:
    async def scenario() -> None:
        answers = [
            part(place, SIZE, sent=CONTENT[place : place + 1], Connection="close") for place in range(9)
        ]
        async with ScriptedHub({GET: answers}) as hub, client(hub) as asking:
            body = await asking.open_plain(resolved(hub.origin + TARGET), 0, SIZE, TOKEN)
            got = bytearray()
            with pytest.raises(UpstreamFailed):
                await gather(body, got)
            assert got == CONTENT[:3]
            assert len(hub.requests) == 3

    asyncio.run(scenario())


def test_a_large_file_may_break_as_often_as_it_makes_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "PROGRESS", 100)
    places = range(0, SIZE, 100)
    answers = [part(place, SIZE, sent=CONTENT[place : place + 100], Connection="close") for place in places]
    assert bytes_of({GET: answers}) == CONTENT


def test_a_refusal_in_the_middle_is_no_clean_end() -> None:
    broken = part(0, SIZE, sent=CONTENT[:300], Connection="close")
    with pytest.raises(NoRight):
        bytes_of({GET: [broken, reply(401)]})


def test_a_body_of_unknown_length_is_counted() -> None:
    def closing(body: bytes) -> bytes:
        return reply(200, body, Content_Length="", Connection="close")

    assert bytes_of({GET: closing(CONTENT)}) == CONTENT
    assert bytes_of({GET: [closing(CONTENT[:-1]), part(SIZE - 1, SIZE)]}) == CONTENT
    assert isinstance(refused(closing(CONTENT + b"!")), UpstreamFailed)
    assert isinstance(refused(closing(CONTENT[:-1])), UpstreamFailed)


def test_refusals_and_redirects_whose_body_never_comes_hold_no_connection() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, client(hub, connections=1) as asking:
            endless = "1000000"
            to = reply(302, Location="/b", Content_Length=endless)
            hub.answer({GET: to, "GET /b": [reply(401, Content_Length=endless), part(0, 9)]})
            with pytest.raises(NoRight):
                await asyncio.wait_for(asking.open_plain(resolved(hub.origin + TARGET), 0, 9, TOKEN), 5)
            body = await asyncio.wait_for(asking.open_plain(resolved(hub.origin + TARGET), 0, 9, TOKEN), 5)
            assert await read(body) == CONTENT[:9]

    asyncio.run(scenario())


def test_the_rest_of_a_file_that_is_not_served_in_ranges_is_not_waited_for() -> None:
    async def scenario() -> None:
        async with flowing(announced=10**12) as (far, closed), client(far) as asking:
            body = await asking.open_plain(resolved(f"{far.origin}/x", 10**12), 5, 9, TOKEN)
            assert await asyncio.wait_for(read(body), 5) == b"ning"
            await asyncio.wait_for(closed.wait(), 5)

    asyncio.run(scenario())


def test_a_body_that_goes_on_beyond_its_file_is_cut_off() -> None:
    async def scenario() -> None:
        async with flowing(announced=None) as (far, closed), client(far) as asking:
            body = await asking.open_plain(resolved(f"{far.origin}/x", 3), 0, 3, TOKEN)
            with pytest.raises(UpstreamFailed):
                await read(body)
            await asyncio.wait_for(closed.wait(), 5)

    asyncio.run(scenario())


def test_who_stops_early_frees_the_connection() -> None:
    async def scenario() -> None:
        async with flowing(announced=10**12) as (far, closed), client(far) as asking:
            body = await asking.open_plain(resolved(f"{far.origin}/x", 10**12), 0, 10**12, TOKEN)
            assert await anext(body)
            body.abort()
            body.abort()
            await asyncio.wait_for(closed.wait(), 5)

    asyncio.run(scenario())


def test_a_cancelled_reader_frees_the_connection() -> None:
    async def scenario() -> None:
        async with flowing(announced=10**12) as (far, closed), client(far) as asking:
            body = await asking.open_plain(resolved(f"{far.origin}/x", 10**12), 0, 10**12, TOKEN)
            assert await anext(body)
            task = asyncio.create_task(read(body))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait_for(closed.wait(), 5)
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(scenario())


@asynccontextmanager
async def flowing(announced: int | None) -> AsyncIterator[tuple[ScriptedHub, asyncio.Event]]:
    """A hub whose answer has begun and never goes on; the event tells that its client has gone."""
    closed = asyncio.Event()

    class Flowing(ScriptedHub):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            length = "" if announced is None else str(announced)
            writer.write(reply(200, Content_Length=length) + b"beginning")
            await reader.read()
            closed.set()

    async with Flowing() as hub:
        yield hub, closed
