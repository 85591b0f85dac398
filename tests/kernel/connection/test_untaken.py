"""A server that ends waits for clients that still take what it has sent: its network may end with it."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is on its way"),
]
SIZE = 1_000_000
"""Bytes of an answer that the server's side of a connection holds, and the client's does not."""


@contextmanager
def slow_client(probe: Probe, *headers: str) -> Iterator[socket.socket]:
    """A client that has asked for much, been sent all of it, and taken little."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(10)
        client.connect(("127.0.0.1", probe.port))
        lines = (f"GET /probe/large?bytes={SIZE} HTTP/1.1", "Host: probe", *headers, "", "")
        client.sendall("\r\n".join(lines).encode())
        eventually(lambda: probe.metric("offing_sent_bytes_total", service="probe") >= SIZE)
        yield client


def take(client: socket.socket) -> int:
    """Bytes until the end."""
    size = 0
    while got := client.recv(65_536):
        size += len(got)
    return size


def test_what_was_sent_before_a_signal_is_taken_before_the_server_ends(serve: Serve) -> None:
    probe = serve()
    with slow_client(probe) as client:
        probe.signal(signal.SIGTERM)
        time.sleep(1)
        assert probe.process.poll() is None
        assert take(client) > SIZE
    assert probe.exit_code() == 0


def test_a_client_that_takes_nothing_more_is_not_waited_for_longer_than_a_connection_is_kept(
    serve: Serve,
) -> None:
    probe = serve(keep_alive_seconds=1)
    with slow_client(probe):
        begun = time.monotonic()
        probe.signal(signal.SIGTERM)
        assert probe.exit_code() == 0
        assert 0.9 < time.monotonic() - begun < 4


def test_a_client_that_hangs_up_is_not_waited_for(serve: Serve) -> None:
    probe = serve()
    with slow_client(probe) as client:
        probe.signal(signal.SIGTERM)
        time.sleep(0.5)
        assert probe.process.poll() is None
        begun = time.monotonic()
        client.close()
        assert probe.exit_code() == 0
        assert time.monotonic() - begun < 2


def test_a_second_signal_ends_the_wait(serve: Serve) -> None:
    probe = serve()
    with slow_client(probe):
        probe.signal(signal.SIGTERM)
        time.sleep(0.5)
        assert probe.process.poll() is None
        probe.signal(signal.SIGTERM)
        assert probe.exit_code() == 128 + signal.SIGTERM
