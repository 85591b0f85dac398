"""The server's life: it drains on a signal, loses no request, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import alive, children, eventually
from tests.kernel.probe.running import WORK, Probe
from tests.kernel.probe.wire import Wire

pytestmark = pytest.mark.xdist_group("processes")


def offing(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command line."""
    program = Path(sys.executable).with_name("offing")
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def begin_draining(probe: Probe, number: signal.Signals = signal.SIGTERM) -> None:
    """Send the signal and return once it has been taken."""
    probe.signal(number)
    eventually(lambda: any(line["event"] == "draining" for line in probe.lines))


def begin_slow(probe: Probe, path: str = "/probe/slow?seconds=0.8") -> Wire:
    """A request whose work has begun."""
    wire = probe.connect()
    wire.head("GET", path)
    eventually(lambda: probe.metric("offing_requests_in_flight") > 1)
    return wire


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_requests_in_flight_finish_and_ends_with_0(
    serve: Serve, number: signal.Signals
) -> None:
    probe = serve()
    with begin_slow(probe) as wire:
        begin_draining(probe, number)
        answer = wire.answer()
    assert (answer.status, answer.json) == (200, {"seconds": 0.8})
    assert answer.headers["connection"] == "close"
    assert probe.exit_code() == 0


def test_an_idle_server_ends_at_once(serve: Serve) -> None:
    probe = serve(probe_target=WORK)
    begun = time.monotonic()
    probe.signal(signal.SIGTERM)
    assert probe.exit_code() == 0
    assert time.monotonic() - begun < 1.5
    assert probe.lines[-1]["event"] == "stopped"


def test_a_stream_that_has_begun_is_sent_to_its_end(serve: Serve) -> None:
    probe = serve()
    with begin_slow(probe, "/probe/stream?lines=8&pause=0.1") as wire:
        begin_draining(probe)
        answer = wire.answer()
    assert answer.whole
    assert answer.body.splitlines() == [b"line %d" % number for number in range(8)]
    assert probe.exit_code() == 0


def test_new_requests_get_503_on_new_connections_and_on_kept_ones(serve: Serve) -> None:
    probe = serve()
    with probe.connect() as kept, begin_slow(probe):
        assert kept.ask("GET", "/probe/slow").status == 200
        begin_draining(probe)
        for answer in (kept.ask("GET", "/probe/slow"), probe.ask("GET", "/probe/slow")):
            assert (answer.status, answer.json["state"]) == (503, "draining")
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["x-offing-state"] == "draining"
            assert answer.headers["connection"] == "close"
        assert kept.ends() < 0.5


def test_who_connects_just_after_the_signal_is_still_answered(serve: Serve) -> None:
    probe = serve()
    begin_draining(probe)
    assert probe.ask("GET", "/probe/slow").status == 503
    assert probe.exit_code() == 0


def test_a_crowd_in_the_middle_of_a_drain_gets_whole_answers_only(serve: Serve) -> None:
    probe = serve()
    crowd = [probe.begin("GET", "/probe/slow?seconds=0.4") for _ in range(20)]
    eventually(lambda: probe.metric("offing_requests_in_flight") > 20)
    begin_draining(probe)
    crowd += [probe.begin("GET", "/probe/slow?seconds=0.4") for _ in range(10)]
    assert [each.result().status for each in crowd] == [200] * 20 + [503] * 10
    assert probe.exit_code() == 0


def test_requests_that_keep_coming_do_not_keep_a_drain_from_ending(serve: Serve) -> None:
    probe = serve()
    begin_draining(probe)
    deadline = time.monotonic() + 5
    while probe.process.poll() is None:
        assert time.monotonic() < deadline
        with contextlib.suppress(OSError, EOFError):
            probe.ask("GET", "/probe/slow")
    assert probe.exit_code() == 0


def test_idle_connections_do_not_delay_the_end(serve: Serve) -> None:
    probe = serve()
    idle = [probe.connect() for _ in range(5)]
    half = [probe.connect() for _ in range(5)]
    for wire in idle:
        assert wire.ask("GET", "/livez").status == 200
    for wire in half:
        wire.send(b"GET /livez HTTP/1.1\r\nHost:")
    begun = time.monotonic()
    probe.signal(signal.SIGTERM)
    assert probe.exit_code() == 0
    assert time.monotonic() - begun < 1.5


def test_a_client_that_does_not_read_its_answer_ends_with_the_drain_limit(serve: Serve) -> None:
    probe = serve(drain_seconds=0.5)
    with probe.connect() as wire:
        wire.head("GET", "/probe/large?bytes=30000000")
        assert wire.socket.recv(1)
        probe.signal(signal.SIGTERM)
        assert probe.exit_code() == 128 + signal.SIGTERM


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once_with_128_and_its_number(
    serve: Serve, second: signal.Signals
) -> None:
    probe = serve(probe_target=WORK)
    processes = [probe.nursery, *probe.workers]
    with begin_slow(probe, "/probe/slow?seconds=60"):
        working = probe.begin_work("burn", seconds=4)
        eventually(lambda: probe.metric("offing_slots_busy", engine="probe.small") == 1)
        begin_draining(probe)
        begun = time.monotonic()
        probe.signal(second)
        assert probe.exit_code() == 128 + second
        assert time.monotonic() - begun < 1.5
    assert isinstance(working.exception(), (EOFError, ConnectionError))
    assert not any(map(alive, processes))


def test_the_drain_limit_cuts_what_is_left(serve: Serve) -> None:
    probe = serve(drain_seconds=0.3)
    with begin_slow(probe, "/probe/slow?seconds=60") as wire:
        begin_draining(probe)
        begun = time.monotonic()
        assert probe.exit_code() == 128 + signal.SIGTERM
        assert time.monotonic() - begun < 1.5
        with pytest.raises((EOFError, ConnectionError)):
            wire.answer()
    assert [line["event"] for line in probe.lines][-2:] != ["draining", "stopped"]
    assert any(line["event"] == "cut by the drain limit" for line in probe.lines)


def test_a_signal_during_the_start_ends_it_cleanly_and_answers_who_waits(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_seconds=60)
    waiting = probe.begin("GET", "/probe/slow")
    eventually(lambda: probe.metric("offing_requests_in_flight") > 1)
    probe.signal(signal.SIGTERM)
    assert waiting.result().status == 503
    assert probe.exit_code() == 0


def test_a_signal_while_the_workers_start_leaves_none_of_them(serve: Serve) -> None:
    probe = serve(ready=False, probe_target=WORK)
    eventually(lambda: children(probe.process.pid))
    nursery = probe.nursery
    probe.signal(signal.SIGTERM)
    assert probe.exit_code() == 0
    assert not alive(nursery)


def test_a_drained_server_leaves_no_process(serve: Serve) -> None:
    probe = serve(probe_target=WORK)
    processes = [probe.nursery, *probe.workers]
    assert len(processes) == 3
    probe.signal(signal.SIGTERM)
    assert probe.exit_code() == 0
    assert not any(map(alive, processes))


def test_a_killed_server_leaves_no_process_even_in_the_middle_of_work(serve: Serve) -> None:
    probe = serve(probe_target=WORK)
    processes = [probe.nursery, *probe.workers]
    probe.begin_work("burn", seconds=30)
    probe.begin_work("sleep", seconds=30)
    eventually(lambda: probe.metric("offing_slots_busy", engine="probe.small") == 2)
    probe.signal(signal.SIGKILL)
    assert probe.exit_code() == -signal.SIGKILL
    eventually(lambda: not any(map(alive, processes)), 2)


def test_a_port_that_is_taken_is_a_readable_error_with_exit_code_4() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = offing("serve", "--port", port)
    assert done.returncode == 4
    assert done.stderr.strip().splitlines()[-1] == (
        f"offing: 127.0.0.1:{port} is taken by another program. "
        "Choose another with --port or PORT, or end the other program."
    )
    assert "Traceback" not in done.stderr


def test_an_address_of_another_machine_is_a_readable_error() -> None:
    done = offing("serve", "--host", "192.0.2.1", "--port", "0")
    assert done.returncode == 4
    assert "192.0.2.1:0 cannot be used here." in done.stderr


@pytest.mark.skipif(not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"), reason="no IPv6 here")  # noqa: PTH110
def test_it_serves_on_ipv6_too(serve: Serve) -> None:
    probe = serve(ready=False, host="::1")
    with socket.create_connection(("::1", probe.port), timeout=5) as plain:
        plain.sendall(b"GET /livez HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")
        assert plain.recv(12) == b"HTTP/1.1 200"
