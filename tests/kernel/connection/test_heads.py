"""The bounds of a request's head: bytes, headers, and requests that queue on one connection."""

from __future__ import annotations

import pytest

from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe
from tests.kernel.probe.wire import Answer

MEGABYTE = 1 << 20
GET = b"GET /livez HTTP/1.1\r\nHost: probe\r\n"


def assert_refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-request-id"] == answer.json["request_id"]


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Long: " + b"a" * MEGABYTE + b"\r\n\r\n",
        GET + b"X-Long: " + b"a" * MEGABYTE,
        GET + b"a" * MEGABYTE,
        GET + b"X-Long: aaaaaaa\r\n" * 5000 + b"\r\n",
        GET + b"X-Many: \r\n" * 101 + b"\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * MEGABYTE,
    ],
    ids=[
        "one",
        "one that does not end",
        "a name",
        "many bytes",
        "many",
        "a path",
        "a path that does not end",
    ],
)
def test_a_head_that_is_too_large_is_refused(probe: Probe, head: bytes) -> None:
    with probe.connect() as wire:
        wire.send(head)
        assert_refused(wire.answer(), 431, "headers-too-large")
        assert wire.ends() < 3


def test_a_large_head_within_the_bound_is_taken(probe: Probe) -> None:
    with probe.connect() as wire:
        for _ in range(3):
            wire.send(GET + b"X-Long: " + b"a" * 30_000 + b"\r\n\r\n")
            assert wire.answer().status == 200
        wire.send(GET + b"X-Many: \r\n" * 90 + b"\r\n")
        assert wire.answer().status == 200


def test_a_head_that_comes_byte_by_byte_is_taken(probe: Probe) -> None:
    with probe.connect() as wire:
        for byte in GET + b"\r\n":
            wire.send(bytes([byte]))
        assert wire.answer().status == 200


def test_heads_that_do_not_end_cost_no_memory(probe: Probe) -> None:
    probe.ask("GET", "/livez")
    before = probe.memory
    for _ in range(30):
        with probe.connect() as wire:
            wire.send(GET + b"X-Long: " + b"a" * MEGABYTE)
            assert wire.answer().status == 431
    assert probe.memory - before < 10 * MEGABYTE


def test_trailers_are_no_headers_and_are_bounded_too(probe: Probe) -> None:
    def ask(trailers: bytes) -> Answer:
        with probe.connect() as wire:
            wire.head("POST", "/probe/headers", "Transfer-Encoding: chunked")
            wire.send(b"4\r\nbody\r\n0\r\n" + trailers + b"\r\n")
            return wire.answer()

    assert ask(b"X-API-Key: from-a-trailer\r\n").json == ["host", "transfer-encoding"]
    assert ask(b"X-Many: \r\n" * 200).status == 431


def test_what_is_not_http_is_refused(probe: Probe) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
        b"HELLO\r\n\r\n",
        bytes(100),
    ):
        with probe.connect() as wire:
            wire.send(nonsense)
            assert_refused(wire.answer(), 400, "bad-request")
            assert wire.ends() < 3


def test_a_method_that_nobody_knows_is_refused(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("FOO", "/livez")
        assert_refused(wire.answer(), 400, "bad-request")


def test_http_2_without_tls_is_refused(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert_refused(wire.answer(), 400, "bad-request")


def test_an_upgrade_is_passed_over(probe: Probe) -> None:
    with probe.connect() as wire:
        answer = wire.ask("GET", "/livez", "Connection: Upgrade", "Upgrade: websocket")
        assert (answer.status, answer.json) == (200, {"status": "alive"})


def test_a_tunnel_is_refused(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.send(b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        assert wire.answer().status in {400, 404, 405}


def test_nonsense_after_a_request_does_not_spoil_its_answer(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.send(b"GET /probe/stream?lines=3&pause=0.1 HTTP/1.1\r\nHost: probe\r\n\r\n")
        assert wire.socket.recv(15) == b"HTTP/1.1 200 OK"
        wire.send(bytes(100))
        rest = wire._stream.read()  # noqa: SLF001  what is left, as it came
    assert b"HTTP/1.1" not in rest


def test_requests_that_queue_are_answered_in_order(probe: Probe) -> None:
    with probe.connect() as wire:
        for seconds in (0.1, 0, 0.05, 0):
            wire.head("GET", f"/probe/slow?seconds={seconds}")
        assert [wire.answer().json["seconds"] for _ in range(4)] == [0.1, 0, 0.05, 0]


def test_a_crowd_that_queues_on_one_connection_is_refused(probe: Probe) -> None:
    before = probe.memory
    with probe.connect() as wire:
        wire.send(b"GET /probe/slow?seconds=5 HTTP/1.1\r\nHost: probe\r\n\r\n" * 3000)
        assert_refused(wire.answer(), 400, "bad-request")
        eventually(lambda: probe.metric("offing_requests_in_flight") == 1, 1)
    assert probe.memory - before < 10 * MEGABYTE


def test_nonsense_ends_the_work_that_was_asked_for_before_it(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("GET", "/probe/slow?seconds=60")
        eventually(lambda: probe.metric("offing_requests_in_flight") == 2)
        wire.send(bytes(100))
        assert_refused(wire.answer(), 400, "bad-request")
        eventually(lambda: probe.metric("offing_requests_in_flight") == 1, 1)


def test_who_leaves_with_requests_queued_leaves_no_work(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.send(b"GET /probe/slow?seconds=60 HTTP/1.1\r\nHost: probe\r\n\r\n")
        eventually(lambda: probe.metric("offing_requests_in_flight") == 2)
    eventually(lambda: probe.metric("offing_requests_in_flight") == 1)


def test_refusals_are_counted_by_code(probe: Probe) -> None:
    before = probe.metric("offing_connections_refused_total", code="bad-request")
    with probe.connect() as wire:
        wire.send(bytes(100))
        wire.answer()
    assert probe.metric("offing_connections_refused_total", code="bad-request") == before + 1
