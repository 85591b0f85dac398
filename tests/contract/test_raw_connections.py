"""What clients do to the connection itself: lying lengths, endless bodies, slow and vanishing senders."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import pytest

from tests.contract.asking import ANALYSIS, assert_alive, form, unique_image, upload
from tests.hostile import forms
from tests.hostile import png_writer as png

pytestmark = pytest.mark.server_only

LONGEST = 5.0
BODY = form(png.gray())
SOCKET_BUFFERS = 64 * 1024 * 1024
"""More bytes than the size limit and the socket buffers on the way hold together, a published port's too."""
CLOSED = None
"""Status of a connection that was closed without an answer."""


class Connection:
    """One TCP connection to the server, used by hand."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 80), LONGEST)
        self.host = parts.netloc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def head(self, *headers: str, path: str = ANALYSIS) -> None:
        """Send the head of a form upload."""
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {self.host}",
            f"Content-Type: {forms.KIND}",
            *headers,
            "",
            "",
        ]
        self.send("\r\n".join(lines).encode())

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(data)

    def answer(self) -> tuple[int | None, dict[str, Any]]:
        """The status and JSON body of the next answer; (None, {}) where the server just hung up."""
        try:
            return self._answer()
        except ConnectionError:
            return CLOSED, {}

    def _answer(self) -> tuple[int | None, dict[str, Any]]:
        with self.socket.makefile("rb") as stream:
            line = stream.readline()
            if not line:
                return CLOSED, {}
            length = 0
            while (header := stream.readline()).strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            content = stream.read(length)
        try:
            return int(line.split()[1]), json.loads(content)
        except ValueError:
            return int(line.split()[1]), {}


@pytest.fixture
def connection(base_url: str) -> Any:
    with Connection(base_url) as opened:
        yield opened


def test_an_announced_five_gigabytes_are_refused_before_they_are_sent(
    connection: Connection, client: httpx.Client
) -> None:
    connection.head("Content-Length: 5368709120")
    started = time.perf_counter()
    status, body = connection.answer()
    assert status == 413
    assert body["detail"]["max_size_bytes"] == 5_242_880
    assert time.perf_counter() - started < LONGEST
    assert_alive(client)


@pytest.mark.parametrize("headers", [("Transfer-Encoding: chunked",), ("Content-Length: 100000000000",)])
def test_an_endless_body_is_cut_off_near_the_limit(
    connection: Connection, client: httpx.Client, headers: tuple[str, ...]
) -> None:
    connection.head(*headers)
    connection.send(_framed(BODY[:150], headers))
    piece, sent = _framed(bytes(65_536), headers), 0
    try:
        while sent < 2 * SOCKET_BUFFERS:
            connection.send(piece)
            sent += len(piece)
    except (ConnectionError, TimeoutError):
        pass
    assert sent < SOCKET_BUFFERS
    assert connection.answer()[0] in {413, CLOSED}
    assert_alive(client)


def _framed(data: bytes, headers: tuple[str, ...]) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if "chunked" in headers[0] else data


def test_a_length_shorter_than_the_body_cuts_the_form(connection: Connection) -> None:
    connection.head(f"Content-Length: {len(BODY) - 60}")
    connection.send(BODY)
    assert connection.answer()[0] in {400, 422}


def test_a_length_longer_than_the_body_does_not_hold_the_server(
    connection: Connection, client: httpx.Client
) -> None:
    connection.head(f"Content-Length: {len(BODY) + 1000}")
    connection.send(BODY)
    connection.socket.shutdown(socket.SHUT_WR)
    assert connection.answer()[0] in {400, CLOSED}
    assert_alive(client)


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: -1",),
        ("Content-Length: +5",),
        ("Content-Length: five",),
        ("Content-Length: 0x10",),
        ("Content-Length: 99999999999999999999999999",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, gzip",),
        ("Transfer-Encoding: nonsense",),
        ("X-Long: " + "x" * 200_000,),
        tuple(f"X-{number}: x" for number in range(20_000)),
        ("No colon here",),
        ("X-Nul: \0",),
    ],
    ids=[
        "negative", "signed", "word", "hexadecimal", "past-64-bits", "two-lengths", "list-of-lengths",
        "length-and-chunked",
        "chunked-not-last", "unknown-coding", "long-header", "20000-headers", "no-colon", "nul",
    ],
)  # fmt: skip
def test_a_head_that_breaks_the_rules_is_refused(
    connection: Connection, client: httpx.Client, headers: tuple[str, ...]
) -> None:
    try:
        connection.head(*headers)
        connection.send(b"0\r\n\r\n")
        connection.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    status, _ = connection.answer()
    assert status in {CLOSED, 400, 413, 422, 431, 501}
    assert_alive(client)


@pytest.mark.parametrize(
    "size",
    [b"zz", b"-1", b"f" * 18, b"", b"5;" + b"x" * 100_000],
    ids=["letters", "negative", "past-64-bits", "missing", "long-extension"],
)
def test_a_chunk_size_that_breaks_the_rules_ends_the_connection(
    connection: Connection, client: httpx.Client, size: bytes
) -> None:
    connection.head("Transfer-Encoding: chunked")
    try:
        connection.send(size + b"\r\nhello\r\n0\r\n\r\n")
        connection.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    assert connection.answer()[0] in {CLOSED, 400, 422}
    assert_alive(client)


def test_a_body_in_chunks_of_one_byte_is_read(connection: Connection) -> None:
    connection.head("Transfer-Encoding: chunked")
    connection.send(b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n")
    assert connection.answer()[0] == 200


def test_a_client_that_waits_for_100_continue_gets_it(connection: Connection) -> None:
    connection.head(f"Content-Length: {len(BODY)}", "Expect: 100-continue")
    assert connection.answer()[0] == 100
    connection.send(BODY)
    assert connection.answer()[0] == 200


def test_a_client_that_asks_first_is_told_that_its_body_is_too_large(connection: Connection) -> None:
    connection.head("Content-Length: 100000000", "Expect: 100-continue")
    assert connection.answer()[0] == 413


def test_two_requests_sent_at_once_get_two_answers_in_order(connection: Connection) -> None:
    for body in (BODY, form(b"")):
        connection.head(f"Content-Length: {len(body)}")
        connection.send(body)
    with connection.socket.makefile("rb") as stream:
        statuses: list[int] = []
        while len(statuses) < 2:
            line = stream.readline()
            assert line
            if b"HTTP/1.1 " in line:
                statuses.append(int(line.partition(b"HTTP/1.1 ")[2].split()[0]))
    assert statuses == [200, 400]


@pytest.mark.parametrize(
    "garbage",
    [b"\0" * 1000, b"GET\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" * 20, b"x" * 200_000],
    ids=["zeros", "half-a-request-line", "tls", "one-long-word"],
)
def test_what_is_not_http_ends_the_connection(
    connection: Connection, client: httpx.Client, garbage: bytes
) -> None:
    try:
        connection.send(garbage)
        connection.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    assert connection.answer()[0] in {CLOSED, 400, 431}
    assert_alive(client)


def test_slow_senders_hold_nobody_up(base_url: str, client: httpx.Client) -> None:
    with ExitStack() as held:
        for _ in range(40):
            slow = held.enter_context(Connection(base_url))
            slow.head(f"Content-Length: {len(BODY)}")
            slow.send(BODY[:100])
        started = time.perf_counter()
        for _ in range(5):
            assert upload(client, unique_image()).status_code == 200
        assert time.perf_counter() - started < LONGEST
        assert_alive(client)


def test_senders_that_vanish_leave_nothing_behind(base_url: str, client: httpx.Client) -> None:
    for number in range(60):
        with Connection(base_url) as vanishing:
            vanishing.head(f"Content-Length: {len(BODY)}")
            vanishing.send(BODY[: number * 3])
    for _ in range(5):
        assert upload(client, unique_image()).status_code == 200
    assert_alive(client)


def test_a_client_that_leaves_before_its_answer_harms_nobody(base_url: str, client: httpx.Client) -> None:
    for _ in range(20):
        body = form(unique_image(700, 700))
        with Connection(base_url) as leaving:
            leaving.head(f"Content-Length: {len(body)}")
            leaving.send(body)
    assert upload(client, unique_image()).status_code == 200
    assert_alive(client)
