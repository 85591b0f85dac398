"""A content store that means harm: it gets no token, no memory, no time, and nobody to take its bytes."""

from __future__ import annotations

import asyncio
import gc
import json
import random
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator, Mapping

import pytest

from offing.xet.engine.budget import Budget
from offing.xet.engine.limits import Limits
from offing.xet.engine.load import Source
from offing.xet.engine.reader import Reader
from offing.xet.engine.stream import stream
from offing.xet.engine.verify import Unchecked, WholeFile
from offing.xet.engine.windows import MEBIBYTE
from offing.xet.problems import Corrupt, NoRight, UpstreamFailed, UpstreamTimedOut, XetProblem
from tests.kernel.fetch.servers import Received, answer
from tests.xet.engine.scripted_store import (
    CALLERS_TOKEN,
    STORES_TOKEN,
    ScriptedStore,
    Told,
    source_of,
)
from tests.xet.engine.stocked import Outcome, collect, impatient
from tests.xet.engine.xorbs import Xorb, encode
from tests.xet.wire.origins import Failures

_chance = random.Random(31)  # noqa: S311  the same in every run
XORB = Xorb([_chance.randbytes(65_000) for _ in range(60)], [0] * 60)
TERMS = [(XORB, 0, 40), (XORB, 40, 60)]


def run(test: Awaitable[None], seconds: float = 20.0) -> None:
    """Run a test; what the event loop would only log fails it."""
    failures = Failures()

    async def within() -> None:
        asyncio.get_running_loop().set_exception_handler(failures)
        async with asyncio.timeout(seconds):
            await test

    asyncio.run(within())
    gc.collect()
    assert failures.seen == []


async def whole(source: Source, size: int) -> Outcome:
    """The whole file, verified."""
    return await collect(stream(source, Budget(), WholeFile(source.file_hash, size), 0, size))


def test_an_honest_store_is_read() -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)
        async with source_of(store) as source:
            assert await whole(source, store.size) == Outcome(store.content, None)

    run(test())


# Sizes.


@pytest.mark.parametrize("more", [-65_000, -1, 1, 65_000, 1 << 40])
def test_a_size_that_is_not_the_files_is_found_out(more: int) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)
        async with source_of(store) as source:
            size = store.size + more
            outcome = await whole(source, size)
            assert outcome.problem is not None
            assert len(outcome.content) < size

    run(test())


def _shorter(body: bytes) -> bytes:
    return body[:-1]


def _longer(body: bytes) -> bytes:
    return body + b"\0"


def _tiny(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("body", [_shorter, _longer, _tiny])
def test_a_body_of_another_size_than_planned_is_refused(body: Callable[[bytes], bytes]) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)
        store.body = body
        async with source_of(store) as source:
            outcome = await whole(source, store.size)
            assert isinstance(outcome.problem, UpstreamFailed)
            assert outcome.content == b""

    run(test())


WRONG_HEADS: Mapping[str, Callable[[int, int, int], tuple[str, str]]] = {
    "another range": lambda first, last, size: (
        "206 P",
        f"Content-Range: bytes {first + 1}-{last + 1}/{size}",
    ),
    "no range": lambda *_: ("206 P", "X-Nothing: 1"),
    "two ranges": lambda *_: ("206 P", "Content-Type: multipart/byteranges; boundary=x"),
    "all of it": lambda *_: ("200 OK", "X-Nothing: 1"),
    "compressed": lambda first, last, size: (
        "206 P",
        f"Content-Range: bytes {first}-{last}/{size}\r\nContent-Encoding: gzip",
    ),
    "not modified": lambda *_: ("304 N", "X-Nothing: 1"),
    "created": lambda first, last, size: ("201 C", f"Content-Range: bytes {first}-{last}/{size}"),
}


@pytest.mark.parametrize("head", WRONG_HEADS)
def test_an_answer_with_other_bytes_than_were_asked_for_is_refused(head: str) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if "/xorbs/" not in asked.target:
                return False
            first, last = map(int, asked.headers["range"][6:].split("-"))
            status, told = WRONG_HEADS[head](first, last, len(XORB.data))
            if first or head != "all of it":
                writer.write(answer(XORB.data[first : last + 1], status, told + "\r\n"))
                return True
            return False

        store.respond = respond
        async with source_of(store) as source:
            outcome = await whole(source, store.size)
            assert isinstance(outcome.problem, UpstreamFailed)
            assert len(outcome.content) < store.size

    run(test())


def test_chunks_that_say_little_and_are_much_are_refused() -> None:
    bomb = encode(bytes(131_072), 1)
    small = bomb[:5] + (10).to_bytes(3, "little") + bomb[8:]
    many = Xorb([bytes(131_072)] * 30, [1] * 30)

    async def test() -> None:
        for data, length in ((small * 30, 300), (many.data, 30 * 100)):
            store = ScriptedStore([(many, 0, 30)])
            store.plan = lambda told, data=data, length=length: _of_one_term(told, data, length)  # type: ignore[misc]
            store.body = lambda _, data=data: data  # type: ignore[misc]
            async with source_of(store) as source:
                outcome = await whole(source, length)
                assert isinstance(outcome.problem, Corrupt)
                assert len(outcome.content) < length

    run(test())


def _of_one_term(told: Told, data: bytes, length: int) -> Told:
    span = {"start": 0, "end": 30}
    hash_ = told["terms"][0]["hash"]
    told["terms"] = [{"hash": hash_, "range": span, "unpacked_length": length}]
    told["xorbs"][hash_][0]["ranges"] = [{"chunks": span, "bytes": {"start": 0, "end": len(data) - 1}}]
    return told


@pytest.mark.parametrize("is_whole", [True, False])
def test_chunks_that_another_window_cuts_differently_are_found_out(*, is_whole: bool) -> None:
    other = Xorb([_chance.randbytes(64_000) for _ in range(61)], [0] * 61)

    async def test() -> None:
        store, second = ScriptedStore(TERMS), ScriptedStore([(other, 0, 61)])

        def plan(told: Told) -> Told:
            is_first = told["terms"][0]["range"]["start"] == 0
            return told if is_first else second.told(MEBIBYTE, store.size - 5)

        store.plan = plan
        async with source_of(store, second) as source:
            check = WholeFile(store.hash, store.size) if is_whole else Unchecked()
            outcome = await collect(stream(source, Budget(), check, 0, store.size))
            assert isinstance(outcome.problem, Corrupt)
            assert len(outcome.content) < store.size

    run(test())


@pytest.mark.parametrize("more", [-1000, 1000])
def test_a_term_of_another_length_than_planned_is_found_out_in_a_range_as_well(more: int) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)

        def plan(told: Told) -> Told:
            told["terms"][0]["unpacked_length"] += more
            return told

        store.plan = plan
        async with source_of(store) as source:
            for check in (WholeFile(store.hash, store.size), Unchecked()):
                outcome = await collect(stream(source, Budget(), check, 0, store.size))
                assert isinstance(outcome.problem, (Corrupt, UpstreamFailed))
                assert len(outcome.content) < store.size

    run(test())


def test_a_last_term_that_is_shorter_than_planned_does_not_end_a_range_well() -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)

        def plan(told: Told) -> Told:
            if told["terms"][-1]["range"]["end"] == 60:
                told["terms"][-1]["unpacked_length"] += 1000
            return told

        store.plan = plan
        async with source_of(store) as source:
            outcome = await collect(stream(source, Budget(), Unchecked(), 3_000_000, store.size + 1000))
            assert isinstance(outcome.problem, Corrupt)

    run(test())


# Memory and time.


async def _endless(writer: asyncio.StreamWriter, head: bytes, piece: bytes) -> None:
    writer.write(head)
    while True:
        writer.write(piece)
        await writer.drain()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
        b"HTTP/1.1 206 P\r\nContent-Length: 99999999999999\r\nContent-Range: bytes 0-1/2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
    ],
)
@pytest.mark.parametrize("what", ["/reconstructions/", "/xorbs/"])
def test_an_endless_answer_takes_no_memory(what: str, head: bytes) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)
        piece = b"10000\r\n" + b"[" * 65_536 + b"\r\n" if b"chunked" in head else b"[" * 65_536

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if what in asked.target:
                await _endless(writer, head, piece)
            return False

        store.respond = respond
        async with source_of(store, retries=impatient(2)) as source:
            tracemalloc.start()
            outcome = await whole(source, store.size)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert isinstance(outcome.problem, UpstreamFailed)
            assert most < 24_000_000

    run(test())


def _many(count: int) -> Iterator[bytes]:
    """A plan, in parts."""
    term = {"hash": XORB.hash, "range": {"start": 0, "end": 1}, "unpacked_length": 1}
    several = json.dumps(term).encode()
    url = "http://127.0.0.1:1/x"
    xorbs = {XORB.hash: [{"url": url, "ranges": [_range(place) for place in range(100)]}]}
    yield b'{"offset_into_first_range":0,"terms":['
    for _ in range(count // 1000):
        yield b"%s," % b",".join([several] * 1000)
    yield b'%s],"xorbs":%s}' % (several, json.dumps(xorbs).encode())


def _range(place: int) -> Told:
    return {
        "chunks": {"start": place, "end": place + 1},
        "bytes": {"start": place * 1000, "end": place * 1000 + 999},
    }


@pytest.mark.parametrize("count", [9_000, 1_000_000])
def test_a_plan_of_very_many_terms_ends_soon_in_little_memory(count: int) -> None:
    length = sum(map(len, _many(count)))

    async def test() -> None:
        store = ScriptedStore(TERMS)

        async def respond(_: Received, writer: asyncio.StreamWriter) -> bool:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
            for part in _many(count):
                writer.write(part)
                await writer.drain()
            return True

        store.respond = respond
        async with source_of(store, retries=impatient(2)) as source:
            tracemalloc.start()
            outcome = await whole(source, store.size)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert isinstance(outcome.problem, UpstreamFailed)
            assert outcome.content == b""
            assert most < 40_000_000

    run(test())


def test_a_file_of_very_many_short_terms_is_read_in_time() -> None:
    tiny = Xorb([_chance.randbytes(40) for _ in range(4)], [0] * 4)
    terms = [(tiny, number % 4, number % 4 + 1) for number in range(4_000)]

    async def test() -> None:
        store = ScriptedStore(terms)
        async with source_of(store) as source:
            assert await whole(source, store.size) == Outcome(store.content, None)

    run(test())


async def _drip(asked: Received, writer: asyncio.StreamWriter) -> bool:
    if "/xorbs/" not in asked.target:
        return False
    first, last = map(int, asked.headers["range"][6:].split("-"))
    told = f"Content-Length: {last + 1 - first}\r\nContent-Range: bytes {first}-{last}/{len(XORB.data)}"
    writer.write(f"HTTP/1.1 206 P\r\n{told}\r\n\r\n".encode())
    for place in range(first, last + 1):
        writer.write(XORB.data[place : place + 1])
        await writer.drain()
        await asyncio.sleep(0.02)
    return True


def test_a_store_that_sends_a_byte_now_and_then_is_given_up() -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)
        store.respond = _drip
        async with source_of(store, limits=Limits(patience=0.6, stall_seconds=0.3)) as source:
            outcome = await whole(source, store.size)
            assert isinstance(outcome.problem, UpstreamTimedOut)
            assert not source.http._pool._busy  # noqa: SLF001  what no caller needs to know

    run(test(), 5)


def test_last_bytes_that_nobody_needs_and_that_never_come_keep_no_connection() -> None:
    async def test() -> None:
        store = ScriptedStore([(XORB, 0, 10)])

        def plan(told: Told) -> Told:
            span = told["xorbs"][XORB.hash][0]["ranges"][0]
            span["chunks"]["end"] += 1
            span["bytes"]["end"] = XORB.ends[span["chunks"]["end"] - 1] - 1
            return told

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if "/xorbs/" not in asked.target:
                return False
            first, last = map(int, asked.headers["range"][6:].split("-"))
            writer.write(store.part(XORB, first, last + 1)[:-1])
            return True

        store.plan, store.respond = plan, respond
        async with source_of(store, limits=Limits(stall_seconds=30)) as source:
            outcome = await whole(source, store.size)
            assert outcome == Outcome(store.content, None)
            await asyncio.sleep(1.2)
            # What is left is that of the plans, which is idle.
            assert source.http.open_connections <= 3
            assert not source.http._pool._busy  # noqa: SLF001  what no caller needs to know

    run(test())


# Addresses and tokens.


def test_urls_at_addresses_that_are_not_public_are_refused() -> None:
    async def test() -> None:
        store, inner = ScriptedStore(TERMS), ScriptedStore(TERMS)
        async with inner, source_of(store) as source:
            for url in (
                f"{inner.origin}/xorbs/{XORB.hash}",
                f"http://localhost:{inner.port}/xorbs/{XORB.hash}",
                f"http://[::1]:{inner.port}/x",
                f"http://[::ffff:127.0.0.1]:{inner.port}/x",
                f"http://2130706433:{inner.port}/x",
                "http://169.254.169.254/latest/meta-data",
                "http://10.0.0.1/x",
                "file:///etc/passwd",
                "gopher://127.0.0.1/x",
                "",
                "http://127.0.0.1:99999/",
                "http://user:secret@127.0.0.1/",
            ):

                def plan(told: Told, url: str = url) -> Told:
                    told["xorbs"][XORB.hash][0]["url"] = url
                    return told

                store.plan = plan
                outcome = await whole(source, store.size)
                assert isinstance(outcome.problem, UpstreamFailed)
                assert outcome.content == b""
                assert not url or url not in f"{outcome.problem!r}{outcome.problem}"
            assert inner.connections == 0

    run(test())


def test_a_url_at_an_address_that_is_allowed_is_read() -> None:
    async def test() -> None:
        store, storage = ScriptedStore(TERMS), ScriptedStore(TERMS)
        store.storage = storage
        async with source_of(store, storage) as source:
            assert await whole(source, store.size) == Outcome(store.content, None)
            assert storage.connections

    run(test())


def test_a_redirect_of_a_signed_url_is_not_followed() -> None:
    async def test() -> None:
        store, other = ScriptedStore(TERMS), ScriptedStore(TERMS)

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if "/xorbs/" not in asked.target:
                return False
            writer.write(answer(b"", "302 F", f"Location: {other.origin}{asked.target}\r\n"))
            return True

        store.respond = respond
        async with source_of(store, other) as source:
            outcome = await whole(source, store.size)
            assert isinstance(outcome.problem, UpstreamFailed)
            assert other.connections == 0

    run(test())


def test_tokens_go_where_they_belong_and_nowhere_else() -> None:
    async def test() -> None:
        hub, store, storage = (ScriptedStore(TERMS) for _ in range(3))
        hub.store, store.storage = store, storage
        async with hub, store, storage:
            async with Reader(
                hub.origin, stores=[store.origin, storage.origin], retries=impatient()
            ) as reader:
                file = await reader.resolve("acme/model", "a.bin", token=CALLERS_TOKEN)
                outcome = await collect(reader.stream(file, token=CALLERS_TOKEN))
                assert outcome == Outcome(hub.content, None)
            assert set(hub.headers("authorization")) == {f"Bearer {CALLERS_TOKEN}"}
            assert set(store.headers("authorization")) == {f"Bearer {STORES_TOKEN}"}
            assert set(storage.headers("authorization")) == {None}
            for server in (hub, store, storage):
                assert set(server.headers("cookie")) == {None}
                assert set(server.headers("referer")) == {None}
            assert not any("reconstructions" in target for target in hub.targets)
            assert all(target.startswith("/xorbs/") for target in storage.targets)

    run(test())


def test_a_store_at_an_address_that_is_not_public_gets_no_token() -> None:
    async def test() -> None:
        hub, store = ScriptedStore(TERMS), ScriptedStore(TERMS)
        hub.store = store
        async with hub, store, Reader(hub.origin, retries=impatient()) as reader:
            file = await reader.resolve("acme/model", "a.bin", token=CALLERS_TOKEN)
            outcome = await collect(reader.stream(file, token=CALLERS_TOKEN))
            assert isinstance(outcome.problem, UpstreamFailed)
            assert store.connections == 0

    run(test())


@pytest.mark.parametrize("status", ["302 F", "307 T"])
def test_a_redirect_of_a_plan_is_not_followed_with_the_token(status: str) -> None:
    async def test() -> None:
        store, other = ScriptedStore(TERMS), ScriptedStore(TERMS)

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            writer.write(answer(b"", status, f"Location: {other.origin}{asked.target}\r\n"))
            return True

        store.respond = respond
        async with source_of(store, other) as source:
            outcome = await whole(source, store.size)
            assert isinstance(outcome.problem, XetProblem)
            assert other.connections == 0

    run(test())


def test_a_store_that_takes_no_token_is_asked_with_one_more_and_no_others() -> None:
    async def test() -> None:
        hub = ScriptedStore(TERMS)

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if "/reconstructions/" not in asked.target:
                return False
            writer.write(answer(b"", "401 U"))
            return True

        hub.respond = respond
        async with hub, Reader(hub.origin, retries=impatient()) as reader:
            file = await reader.resolve("acme/model", "a.bin")
            outcome = await collect(reader.stream(file))
            assert isinstance(outcome.problem, NoRight)
            assert sum("xet-read-token" in target for target in hub.targets) <= 4

    run(test())


# Ranges.


@pytest.mark.parametrize(
    ("first", "last"), [(-1, 5), (5, 4), (2**62, 2**62 + 100), (0, 2**63), (0, 10**30), (0, 0), (1.5, 2.5)]
)
@pytest.mark.parametrize("what", ["chunks", "bytes"])
def test_absurd_ranges_are_refused_without_being_asked_for(first: float, last: float, what: str) -> None:
    async def test() -> None:
        store = ScriptedStore(TERMS)

        def plan(told: Told) -> Told:
            told["xorbs"][XORB.hash][0]["ranges"][0][what] = {"start": first, "end": last}
            return told

        store.plan = plan
        async with source_of(store, retries=impatient(2)) as source:
            outcome = await collect(stream(source, Budget(), Unchecked(), 0, 1000))
            assert isinstance(outcome.problem, UpstreamFailed)
            assert outcome.content == b""
            assert not any("/xorbs/" in target for target in store.targets)

    run(test())


@pytest.mark.parametrize("start", [0, 14_500_000])
def test_a_fetch_of_far_more_than_the_window_takes_no_more_memory_than_the_window(start: int) -> None:
    large = Xorb([_chance.randbytes(120_000)] * 150, [0] * 150)

    async def test() -> None:
        store = ScriptedStore([(large, 0, 150)])

        async def respond(asked: Received, writer: asyncio.StreamWriter) -> bool:
            if "/xorbs/" in asked.target:
                told = f"Content-Length: {len(large.data)}\r\n\r\n"
                writer.write(f"HTTP/1.1 200 OK\r\n{told}".encode())
                for place in range(0, len(large.data), 65_536):
                    writer.write(memoryview(large.data)[place : place + 65_536])
                    await writer.drain()
                return True
            return False

        def plan(told: Told) -> Told:
            skip = told["terms"][0]["range"]["start"] * 120_000 + told["offset_into_first_range"]
            return {**store.told(0, len(store.content)), "offset_into_first_range": skip}

        store.plan = plan
        store.respond = respond
        async with source_of(store) as source:
            pieces = stream(source, Budget(), Unchecked(), start, start + 3_000_000)
            tracemalloc.start()
            await anext(pieces)
            await asyncio.sleep(0.3)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            await pieces.aclose()
            assert most < 12_000_000

    run(test())
