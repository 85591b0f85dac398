"""How long a connection waits for a client that sends nothing, or that reads nothing."""

from __future__ import annotations

import time

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.wire import Wire

SLOW, PATIENT = 0.4, 1.5


def drip(wire: Wire, data: bytes, most: float = 5) -> float:
    """Send byte by byte, again and again, and return the seconds until the server ended it."""
    begun = time.monotonic()
    wire.socket.settimeout(0.02)
    while time.monotonic() - begun < most:
        for byte in data:
            try:
                wire.send(bytes([byte]))
                time.sleep(0.01)
                if not wire.socket.recv(4096):
                    return time.monotonic() - begun
            except TimeoutError:
                continue
            except ConnectionError:
                return time.monotonic() - begun
    return most


def test_a_head_that_does_not_come_to_its_end_is_answered_408(serve: Serve) -> None:
    probe = serve(header_seconds=SLOW)
    with probe.connect() as wire:
        wire.send(b"GET /livez HTTP/1.1\r\nHost:")
        begun = time.monotonic()
        answer = wire.answer()
        assert SLOW / 2 < time.monotonic() - begun < PATIENT
        assert (answer.status, answer.json["code"]) == (408, "slow-request")
        assert answer.headers["connection"] == "close"
        assert wire.ends() < 3


@pytest.mark.parametrize(
    "drips",
    [b"GET /livez HTTP/1.1\r\n" + b"X-Slow: a\r\n" * 1000, b"\r\n", b"GET /" + b"a" * 1000],
    ids=["headers", "empty lines", "a path"],
)
def test_a_head_that_drips_is_cut(serve: Serve, drips: bytes) -> None:
    probe = serve(header_seconds=SLOW)
    with probe.connect() as wire:
        assert drip(wire, drips) < PATIENT


def test_the_second_head_of_a_connection_is_timed_as_well(serve: Serve) -> None:
    probe = serve(header_seconds=SLOW)
    with probe.connect() as wire:
        assert wire.ask("GET", "/livez").status == 200
        time.sleep(SLOW * 1.5)  # idle, which is another matter
        wire.send(b"GET /livez HTT")
        assert wire.answer().status == 408


def test_a_connection_on_which_nothing_comes_is_closed(serve: Serve) -> None:
    probe = serve(header_seconds=SLOW)
    with probe.connect() as wire:
        assert SLOW / 2 < wire.ends() < PATIENT


def test_the_rest_of_a_body_that_nobody_reads_is_timed(serve: Serve) -> None:
    probe = serve(header_seconds=SLOW)
    with probe.connect() as wire:
        wire.head("POST", "/probe/ignore", "Content-Length: 100000")
        assert wire.answer().status == 200
        assert drip(wire, b"x") < PATIENT


def test_an_idle_connection_is_closed_after_its_own_time(serve: Serve) -> None:
    probe = serve(header_seconds=0.2, keep_alive_seconds=1)
    with probe.connect() as wire:
        assert wire.ask("GET", "/livez").status == 200
        assert 0.7 < wire.ends() < 2.5


def test_the_time_of_the_work_is_not_the_time_of_the_head(serve: Serve) -> None:
    probe = serve(header_seconds=0.2)
    assert probe.ask("GET", "/probe/slow?seconds=0.6").status == 200
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 2")
        wire.send(b"x")
        time.sleep(0.5)
        wire.send(b"x")
        assert wire.answer().json == {"received": 2}


@pytest.mark.parametrize("path", ["/probe/large?bytes=30000000", "/probe/stream?lines=10000&width=60000"])
def test_a_client_that_does_not_read_its_answer_is_cut(serve: Serve, path: str) -> None:
    probe = serve(keep_alive_seconds=1)
    with probe.connect() as wire:
        wire.head("GET", path)
        assert wire.socket.recv(1)
        eventually(lambda: probe.metric("offing_connections") == 2)
        eventually(lambda: probe.metric("offing_connections") == 1, 5)
    eventually(lambda: probe.metric("offing_requests_in_flight") == 1)


def test_a_client_that_reads_slowly_gets_all_of_its_answer(serve: Serve) -> None:
    probe = serve(keep_alive_seconds=1)
    size, received = 20_000_000, 0
    with probe.connect() as wire:
        wire.head("GET", f"/probe/large?bytes={size}")
        begun = time.monotonic()
        while received < size and (data := wire.socket.recv(65536)):
            received += len(data)
            time.sleep(0.01)
        assert received >= size
        assert time.monotonic() - begun > 2
