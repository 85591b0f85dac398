"""The number of connections is bounded, and idle ones give way."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import descriptors, eventually
from tests.kernel.probe.running import Probe
from tests.kernel.probe.wire import Wire


@pytest.fixture
def small(serve: Serve) -> Probe:
    """A server for four connections."""
    return serve(max_connections=4)


def begin_slow(probe: Probe) -> Wire:
    """A connection with work on it."""
    wire = probe.connect()
    wire.head("GET", "/probe/slow?seconds=2")
    return wire


def test_a_new_connection_takes_the_place_of_the_one_idle_longest(small: Probe) -> None:
    wires = [small.connect() for _ in range(4)]
    for wire in (wires[1], wires[0], wires[3], wires[2]):
        assert wire.ask("GET", "/livez").status == 200
        time.sleep(0.01)
    assert small.ask("GET", "/probe/slow").status == 200
    assert wires[1].ends(0.5) < 0.5
    assert [wire.ask("GET", "/livez").status for wire in (wires[0], wires[2], wires[3])] == [200] * 3


def test_a_connection_that_still_takes_its_answer_does_not_give_way(small: Probe) -> None:
    with small.connect() as taking:
        taking.head("GET", "/probe/large?bytes=20000000")
        assert taking.socket.recv(1) == b"H"
        idle = [small.connect() for _ in range(3)]
        for wire in idle:
            assert wire.ask("GET", "/livez").status == 200
            time.sleep(0.01)
        assert small.ask("GET", "/livez").status == 200
        assert idle[0].ends(0.5) < 0.5
        assert idle[1].ask("GET", "/livez").status == 200


def test_a_crowd_of_idle_connections_shuts_nobody_out(small: Probe) -> None:
    files = descriptors(small.process.pid)
    for _ in range(200):
        small.connect()
    assert small.ask("GET", "/probe/slow").status == 200
    assert descriptors(small.process.pid) <= files + 6


def test_where_every_connection_works_a_new_one_is_told_503(small: Probe) -> None:
    working = [begin_slow(small) for _ in range(4)]
    eventually(lambda: sum(line["event"] == "listening" for line in small.lines) == 1)
    eventually(lambda: descriptors(small.process.pid) >= 4)
    with small.connect() as wire:
        answer = wire.answer()
        assert (answer.status, answer.json["code"]) == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        assert wire.ends() < 3
    assert [wire.answer().status for wire in working] == [200] * 4
    assert small.ask("GET", "/livez").status == 200


def test_the_connections_that_are_open_are_counted(probe: Probe) -> None:
    before = probe.metric("offing_connections")
    with probe.connect() as wire:
        assert wire.ask("GET", "/livez").status == 200
        assert probe.metric("offing_connections") == before + 1
    eventually(lambda: probe.metric("offing_connections") == before)


ROOM = """
import resource, sys
from offing.kernel.connection.connection import room_for
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(room_for(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "room", "raised"),
    [
        (1024, 1024, 500, 500, 1024),
        (256, 4096, 1000, 1000, 1128),
        (256, 512, 1000, 384, 512),
        (64, 64, 1000, 1, 64),
    ],
    ids=["there is room", "the limit is raised", "it is raised as far as it goes", "at least one"],
)
def test_the_limit_of_open_files_bounds_the_connections(
    soft: int, hard: int, wanted: int, room: int, raised: int
) -> None:
    if (
        resource.getrlimit(resource.RLIMIT_NOFILE)[1] not in range(-1, 0)
        and hard > resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    ):
        pytest.skip("this machine's own limit is lower")
    numbers = [str(each) for each in (soft, hard, wanted)]
    done = subprocess.run([sys.executable, "-c", ROOM, *numbers], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(room), str(raised)]
