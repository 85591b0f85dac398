"""A body that does not come is not waited for."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from offing.xet.hub import bodies
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub


def ask(hub: RunningHub, body: bytes, length: int) -> socket.socket:
    place = urlsplit(hub.base)
    connection = socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5)
    head = (
        f"POST /api/repos/create HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {OWNER_TOKEN}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    return connection


def test_a_body_that_stalls_is_given_up(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STALL_SECONDS", 0.2)
    began = time.perf_counter()
    connection = ask(hub, b"{", 1000)
    with connection:
        assert connection.recv(4096).startswith(b"HTTP/1.1 408")
    assert time.perf_counter() - began < 4


def test_a_body_that_ends_early_leaves_the_hub_well(hub: RunningHub) -> None:
    connection = ask(hub, b'{"name": "acme/early"', 1000)
    connection.close()
    assert not hub.api().repo_exists("acme/early")
