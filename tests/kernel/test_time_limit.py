"""The time limit of a request: it ends the work, and not an answer that has begun."""

from __future__ import annotations

import time

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import alive, eventually
from tests.kernel.probe.running import WORK


def test_work_that_takes_too_long_is_answered_504(serve: Serve) -> None:
    probe = serve(request_seconds=0.3)
    begun = time.monotonic()
    answer = probe.ask("GET", "/probe/slow?seconds=60")
    assert time.monotonic() - begun < 2
    assert (answer.status, answer.json["code"]) == (504, "took-too-long")
    assert probe.metric("offing_requests_in_flight") == 1


def test_the_worker_that_does_it_is_killed_and_replaced(serve: Serve) -> None:
    probe = serve(request_seconds=0.3, probe_target=WORK, probe_small_slots=1)
    (worker,) = probe.workers
    assert probe.work("burn", seconds=4).status == 504
    eventually(lambda: not alive(worker))
    assert probe.work("nothing").status == 200
    assert probe.metric("offing_workers_ended_total", engine="probe", reason="cancelled") == 1


def test_a_stream_may_last_longer_than_the_limit(serve: Serve) -> None:
    probe = serve(request_seconds=0.3)
    answer = probe.ask("GET", "/probe/stream?lines=6&pause=0.1")
    assert answer.whole
    assert answer.body.count(b"\n") == 6


def test_the_wait_for_a_start_counts(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_seconds=60, request_seconds=0.3)
    answer = probe.ask("POST", "/probe/echo", body=b"here in whole")
    assert (answer.status, answer.json["code"]) == (504, "took-too-long")
