"""Answers that are ambiguous, endless or not HTTP are refused in little time and memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.wire import BadAnswer, ConnectionLost, Stalled, WireError
from offing.xet.wire.decoding import Chunked
from offing.xet.wire.head import Framing, Head, frame, read_head
from tests.xet.wire.origins import Origin, Visit, answer, client, collect, run, until

OK = "HTTP/1.1 200 OK\r\n"

REFUSED = {
    "both ways of telling the length": OK + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "two lengths": OK + "Content-Length: 5\r\nContent-Length: 6\r\n",
    "a list of lengths": OK + "Content-Length: 5, 6\r\n",
    "a negative length": OK + "Content-Length: -5\r\n",
    "a signed length": OK + "Content-Length: +5\r\n",
    "a length in hexadecimal": OK + "Content-Length: 0x5\r\n",
    "a length with an underscore": OK + "Content-Length: 1_0\r\n",
    "a length of no digits": OK + "Content-Length: \r\n",
    "a length of other digits": OK + "Content-Length: \u00b2\r\n",
    "a length beyond all files": OK + "Content-Length: 1000000000000000000000\r\n",
    "a coding that was not asked for": OK + "Transfer-Encoding: gzip, chunked\r\n",
    "chunked twice": OK + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "an unknown coding": OK + "Transfer-Encoding: identity\r\n",
    "chunks in HTTP/1.0": "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n",
    "a space before the colon": OK + "Content-Length : 5\r\n",
    "a folded header": OK + "X: a\r\n b\r\n",
    "a header without colon": OK + "Content-Length 5\r\n",
    "a header without name": OK + ": 5\r\n",
    "a bare line feed in a header": OK + "X: a\nContent-Length: 5\r\n",
    "a bare carriage return in a header": OK + "X: a\rb\r\n",
    "a NUL in a header": OK + "X: a\0b\r\n",
    "too many headers": OK + "X: a\r\n" * 101,
    "another protocol": "SSH-2.0-OpenSSH_9\r\n",
    "HTTP/2": "HTTP/2 200\r\n",
    "a status of two digits": "HTTP/1.1 20 OK\r\n",
    "a status that is no number": "HTTP/1.1 abc OK\r\n",
    "a switch of protocols": "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n",
    "an empty status line": "\r\n",
}


@pytest.mark.parametrize("head", REFUSED.values(), ids=REFUSED.keys())
def test_a_head_is_refused_that_has(loop: str, head: str) -> None:
    async def test() -> None:
        sent = (head + "\r\n").encode("latin-1") + b"hello"
        async with Origin(sent) as origin, client(origin) as http:
            with pytest.raises(BadAnswer) as caught:
                await http.open(f"{origin.url}/secret?signature=secret")
            assert str(caught.value).startswith(origin.url)
            assert "secret" not in str(caught.value)
            await until(lambda: http.open_connections == 0)

    run(loop, test())


@pytest.mark.parametrize("piece", [b"x" * 1000, b"X: y\r\n", b"HTTP/1.1 103 Hints\r\n\r\n"])
def test_an_endless_head_ends_at_its_limit(loop: str, piece: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"" if piece.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            await visit.send(piece * 10)

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            with pytest.raises(BadAnswer, match="too large"):
                await http.open(origin.url)

    run(loop, test())


def test_a_head_that_drips_must_come_to_its_end_in_time(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        while True:
            await visit.send(b"H")
            await visit.drip()

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            with pytest.raises(Stalled):
                await http.open(origin.url, stall_seconds=0.2)
            await until(lambda: http.open_connections == 0)

    run(loop, test())


def test_interim_answers_are_skipped(loop: str) -> None:
    async def test() -> None:
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        sent = b"HTTP/1.1 100 Continue\r\n\r\n" + hints + answer()
        async with Origin(sent) as origin, client(origin) as http:
            incoming = await http.open(origin.url)
            assert (incoming.status, await collect(incoming)) == (200, b"hello")
            assert "link" not in incoming.headers

    run(loop, test())


def test_a_connection_that_says_nothing_is_lost(loop: str) -> None:
    async def test() -> None:
        async with Origin(b"") as origin, client(origin) as http:
            with pytest.raises(ConnectionLost):
                await http.open(origin.url)

    run(loop, test())


@pytest.mark.parametrize(
    "chunks",
    [
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\n0\n\n",
        b"5\r\nhelloo\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nhello",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhell",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
    ],
)
def test_chunks_that_cannot_be_read_or_do_not_end_fail(loop: str, chunks: bytes) -> None:
    async def test() -> None:
        sent = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks
        async with Origin(sent) as origin, client(origin) as http:
            with pytest.raises(WireError):
                await collect(await http.open(origin.url))
            await until(lambda: http.open_connections == 0)

    run(loop, test())


@pytest.mark.parametrize("filler", [b"1;" + b"x" * 1000 + b"\r\na\r\n", b"5;" + b"x" * 10_000])
def test_chunks_of_next_to_nothing_do_not_go_on_for_ever(loop: str, filler: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + filler)
        while True:
            await visit.send(filler if filler.startswith(b"1") else b"x" * 1000)

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            with pytest.raises(BadAnswer):
                await http.ask(origin.url)

    run(loop, test())


def test_endless_trailers_do_not_go_on_for_ever(loop: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        while True:
            await visit.send(b"X: y\r\n" * 100)

    async def test() -> None:
        async with Origin(script) as origin, client(origin) as http:
            with pytest.raises(BadAnswer):
                await http.ask(origin.url)

    run(loop, test())


# Without a network


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.data())
def test_a_chunked_body_is_the_same_however_it_is_cut(chunks: list[bytes], data: st.DataObject) -> None:
    wire = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in chunks) + b"0\r\n\r\n"
    decoder, body = Chunked(), b""
    while wire:
        size = data.draw(st.integers(1, len(wire)))
        body += decoder.feed(memoryview(wire[:size]))
        wire = wire[size:]
        assert decoder.over == (not wire)
    assert body == b"".join(chunks)
    assert decoder.clean


def test_bytes_after_the_last_chunk_are_noticed() -> None:
    decoder = Chunked()
    assert decoder.feed(memoryview(b"5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n")) == b"hello"
    assert decoder.over
    assert not decoder.clean


@given(st.binary(max_size=200))
def test_any_bytes_are_a_head_or_a_bad_answer(raw: bytes) -> None:
    for prefix in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length:"):
        try:
            head = read_head(prefix + raw)
            framing = frame("GET", head)
        except BadAnswer:
            continue
        assert 100 <= head.status < 600
        assert not any(set("\r\n\0") & set(name + value) for name, value in head.headers.items())
        assert framing.length is None or framing.length >= 0


@pytest.mark.parametrize(
    ("method", "status", "headers", "framing"),
    [
        ("GET", 200, {"content-length": "5"}, Framing(5, chunked=False, keeps=True)),
        ("GET", 200, {"content-length": "5, 5"}, Framing(5, chunked=False, keeps=True)),
        ("GET", 200, {"transfer-encoding": "Chunked"}, Framing(None, chunked=True, keeps=True)),
        ("GET", 200, {}, Framing(None, chunked=False, keeps=False)),
        ("HEAD", 200, {"content-length": "5"}, Framing(0, chunked=False, keeps=True)),
        ("GET", 304, {"content-length": "5"}, Framing(0, chunked=False, keeps=True)),
        ("GET", 204, {}, Framing(0, chunked=False, keeps=True)),
        ("GET", 204, {"content-length": "5"}, Framing(0, chunked=False, keeps=False)),
        (
            "GET",
            200,
            {"content-length": "5", "connection": "x, Close"},
            Framing(5, chunked=False, keeps=False),
        ),
    ],
)
def test_a_body_ends_where_rfc_9112_says(
    method: str, status: int, headers: dict[str, str], framing: Framing
) -> None:
    assert frame(method, Head(status, headers, 1)) == framing
