"""Health tells the truth: starting, ready, failed, draining, and at once."""

from __future__ import annotations

import signal
import time

from offing import __version__
from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import WORK, Probe
from tests.kernel.probe.service import SECRET

PROBES = ("/livez", "/readyz", "/health", "/", "/probe/livez", "/probe/readyz", "/probe/health")


def test_a_ready_service_says_so_on_every_path(probe: Probe) -> None:
    assert {path: probe.ask("GET", path).status for path in PROBES} == dict.fromkeys(PROBES, 200)
    assert probe.ask("GET", "/health").json == {
        "status": "healthy",
        "service": "probe-api",
        "version": __version__,
        "probe": True,
    }


def test_no_cache_may_keep_a_state_of_health(probe: Probe) -> None:
    assert {probe.ask("GET", path).headers["cache-control"] for path in PROBES} == {"no-store"}


def test_a_starting_service_is_alive_and_not_ready_and_says_why(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_seconds=60)
    assert probe.ask("GET", "/livez").status == 200
    ready, health = probe.ask("GET", "/readyz"), probe.ask("GET", "/health")
    assert (ready.status, ready.json["state"], ready.headers["retry-after"]) == (503, "starting", "2")
    assert (health.status, health.json["status"], health.headers["retry-after"]) == (503, "starting", "2")
    assert probe.metric("offing_service_ready", service="probe") == 0


def test_a_request_during_the_start_waits_and_is_answered(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_seconds=0.6)
    begun = time.monotonic()
    assert probe.ask("GET", "/probe/slow").status == 200
    assert time.monotonic() - begun > 0.2
    assert probe.ask("GET", "/readyz").status == 200
    assert probe.metric("offing_service_ready", service="probe") == 1


def test_a_request_waits_for_the_start_no_longer_than_the_setting(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_seconds=60, start_seconds=0.2)
    answer = probe.ask("GET", "/probe/slow")
    assert (answer.status, answer.json["code"], answer.json["state"]) == (503, "not-ready", "starting")
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["x-offing-state"] == "starting"


def test_a_failed_start_leaves_a_live_process_that_tells_it_without_the_reason(serve: Serve) -> None:
    probe = serve(ready=False, probe_start_fails=True)
    eventually(lambda: probe.ask("GET", "/readyz").json["state"] == "failed")
    answers = [probe.ask("GET", path) for path in ("/readyz", "/health", "/probe/slow")]
    assert [answer.status for answer in answers] == [503, 503, 503]
    assert answers[1].json["status"] == "failed"
    assert {answer.headers["retry-after"] for answer in answers} == {"30"}
    assert probe.ask("GET", "/livez").status == 200
    assert SECRET not in probe.log + "".join(answer.body.decode() for answer in answers)
    assert [line["error"] for line in probe.lines if line["event"] == "service failed to start"] == [
        "RuntimeError"
    ]


def test_workers_that_cannot_be_loaded_are_a_failed_start(serve: Serve) -> None:
    probe = serve(ready=False, probe_target="tests.kernel.probe.broken_work:handle")
    eventually(lambda: probe.ask("GET", "/readyz").json["state"] == "failed")
    assert [line["error"] for line in probe.lines if line["event"] == "workers failed to load"] == ["OSError"]
    assert SECRET not in probe.log


def test_a_draining_service_is_alive_and_not_ready(serve: Serve) -> None:
    probe = serve()
    slow = probe.begin("GET", "/probe/slow?seconds=0.6")
    eventually(lambda: probe.metric("offing_requests_in_flight") > 1)
    probe.signal(signal.SIGTERM)
    eventually(lambda: probe.ask("GET", "/readyz").status == 503)
    assert probe.ask("GET", "/livez").status == 200
    assert probe.ask("GET", "/readyz").json["state"] == "draining"
    assert probe.ask("GET", "/health").json["status"] == "draining"
    assert probe.metric("offing_service_ready", service="probe") == 0
    assert slow.result().status == 200


def test_health_answers_within_milliseconds_while_every_worker_burns(serve: Serve) -> None:
    probe = serve(probe_target=WORK, probe_small_slots=3)
    jobs = [probe.begin_work("burn", seconds=1.5) for _ in range(3)]
    eventually(lambda: probe.metric("offing_slots_busy", engine="probe.small") == 3)
    taken = []
    with probe.connect() as wire:
        while not any(job.done() for job in jobs):
            begun = time.perf_counter()
            assert wire.ask("GET", "/health").status == 200
            taken.append(time.perf_counter() - begun)
            time.sleep(0.002)
    assert len(taken) > 30
    assert sorted(taken)[int(len(taken) * 0.99)] < 0.05
    assert {job.result().status for job in jobs} == {200}
