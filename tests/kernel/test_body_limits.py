"""The body limit holds while the body is read, whatever the head says of its length."""

from __future__ import annotations

import time

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe
from tests.kernel.probe.wire import Answer, Wire

LIMIT = 1_000_000
MEGABYTE = 1 << 20
CHUNK = b"%x\r\n%s\r\n" % (MEGABYTE, bytes(MEGABYTE))


def assert_too_large(answer: Answer) -> None:
    assert (answer.status, answer.json["code"], answer.json["max_size_bytes"]) == (413, "too-large", LIMIT)
    assert answer.json["received_size_bytes"] > LIMIT


def pour(wire: Wire, data: bytes, most: int) -> int:
    """Send the same bytes again and again until the server ends it, and return how many got away."""
    sent = 0
    try:
        while sent < most:
            wire.send(data)
            sent += len(data)
    except (ConnectionError, TimeoutError):
        pass
    return sent


def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(probe: Probe) -> None:
    assert probe.ask("POST", "/probe/echo", body=bytes(LIMIT)).json == {"received": LIMIT}
    assert_too_large(probe.ask("POST", "/probe/echo", body=bytes(LIMIT + 1)))


def test_a_length_over_the_limit_is_answered_before_the_body_comes(probe: Probe) -> None:
    with probe.connect() as wire:
        begun = time.monotonic()
        wire.head("POST", "/probe/echo", "Content-Length: 5000000000")
        answer = wire.answer()
        assert time.monotonic() - begun < 1
    assert_too_large(answer)
    assert answer.headers["connection"] == "close"
    assert answer.json["received_size_bytes"] == 5_000_000_000


def test_a_client_that_asks_first_is_told_no_and_not_to_go_on(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 5000000000", "Expect: 100-continue")
        assert_too_large(wire.answer())
        assert wire.ends() < 1


def test_a_client_that_asks_first_is_told_to_go_on(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 4", "Expect: 100-continue")
        assert wire.answer().status == 100
        wire.send(b"body")
        assert wire.answer().json == {"received": 4}


def test_chunks_are_counted(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Transfer-Encoding: chunked")
        wire.send(CHUNK + b"0\r\n\r\n")
        assert_too_large(wire.answer())


def test_a_client_that_sends_all_before_it_reads_is_let_finish_and_told(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", f"Content-Length: {6 * MEGABYTE}")
        for _ in range(6):
            wire.send(bytes(MEGABYTE))
            time.sleep(0.02)
        assert_too_large(wire.answer())


def test_chunks_below_the_limit_are_taken(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Transfer-Encoding: chunked")
        wire.send(b"4\r\nbody\r\n" * 1000 + b"0\r\n\r\n")
        assert wire.answer().json == {"received": 4000}


@pytest.mark.parametrize("length", [["Transfer-Encoding: chunked"], ["Content-Length: 5000000000"]])
def test_an_endless_upload_costs_no_memory_and_its_client_can_read_why(
    probe: Probe, length: list[str]
) -> None:
    probe.ask("POST", "/probe/echo", body=bytes(LIMIT))
    before = probe.memory
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", *length)
        sent = pour(wire, CHUNK, 2_000 * MEGABYTE)
        assert_too_large(wire.answer())
    assert sent < 200 * MEGABYTE
    assert probe.memory - before < 20 * MEGABYTE
    assert probe.ask("GET", "/probe/slow").status == 200


def test_a_large_body_that_is_read_as_it_comes_costs_no_memory(serve: Serve) -> None:
    probe = serve(probe_max_body=1_000 * MEGABYTE)
    probe.ask("POST", "/probe/echo", body=bytes(MEGABYTE))
    before = probe.memory
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Transfer-Encoding: chunked")
        assert pour(wire, CHUNK, 300 * MEGABYTE) >= 300 * MEGABYTE
        wire.send(b"0\r\n\r\n")
        assert wire.answer().json["received"] >= 299 * MEGABYTE
    assert probe.memory - before < 20 * MEGABYTE


def test_an_endless_body_that_nobody_reads_costs_no_memory_and_ends(serve: Serve) -> None:
    probe = serve(header_seconds=0.5)
    before = probe.memory
    with probe.connect() as wire:
        wire.head("POST", "/probe/ignore", "Transfer-Encoding: chunked")
        assert wire.answer().status == 200
        begun = time.monotonic()
        pour(wire, CHUNK, 100_000 * MEGABYTE)
        assert time.monotonic() - begun < 2
    assert probe.memory - before < 20 * MEGABYTE


def test_a_body_for_no_route_is_answered_and_not_read(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/nowhere", "Transfer-Encoding: chunked")
        sent = pour(wire, CHUNK, 2_000 * MEGABYTE)
        answer = wire.answer()
    assert sent < 200 * MEGABYTE
    assert (answer.status, answer.headers["connection"]) == (404, "close")


def test_more_bytes_than_the_length_says_are_no_part_of_the_body(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 4")
        wire.send(b"body and more")
        first = wire.answer()
        assert wire.ends() < 3
    assert first.status in {200, 400}
    assert first.json.get("received", 4) == 4


def test_fewer_bytes_than_the_length_says_are_no_body(probe: Probe) -> None:
    def left() -> float:
        return probe.metric(
            "offing_requests_total", service="probe", route="/probe/echo", method="POST", status="499"
        )

    before = left()
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 400")
        wire.send(b"body")
    eventually(lambda: left() == before + 1)
    assert not [line for line in probe.lines if line["event"] == "unexpected failure"]


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: 4", "Transfer-Encoding: chunked"],
        ["Content-Length: 4", "Content-Length: 5"],
        ["Content-Length: -1"],
        ["Content-Length: 4e3"],
        ["Content-Length: 99999999999999999999999999"],
        ["Transfer-Encoding: gzip, nonsense"],
    ],
)
def test_a_length_that_means_two_things_is_refused(probe: Probe, headers: list[str]) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", *headers)
        wire.send(b"0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n")
        answer = wire.answer()
        assert wire.ends() < 3
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"zz\r\nbody\r\n", b"4\r\nbodyX\r\n0\r\n\r\n", b"-4\r\nbody\r\n"])
def test_broken_chunks_are_refused(probe: Probe, body: bytes) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Transfer-Encoding: chunked")
        wire.send(body)
        assert wire.answer().status == 400
        assert wire.ends() < 3


def test_a_body_that_drips_ends_at_the_time_limit(serve: Serve) -> None:
    probe = serve(request_seconds=0.4)
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 100")
        begun = time.monotonic()
        for _ in range(4):
            wire.send(b"x")
            time.sleep(0.05)
        answer = wire.answer()
        assert time.monotonic() - begun < 2
    assert (answer.status, answer.json["code"]) == (408, "slow-request")
    assert answer.headers["connection"] == "close"
