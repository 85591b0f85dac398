"""Metrics: what is counted, and labels that no client can multiply."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe

NAMES = {
    "offing_requests_total",
    "offing_request_seconds_bucket",
    "offing_received_bytes_total",
    "offing_sent_bytes_total",
    "offing_requests_in_flight",
    "offing_connections",
    "offing_cache_lookups_total",
    "offing_slots",
    "offing_slots_busy",
    "offing_queue_waiting",
    "offing_queue_rejected_total",
    "offing_service_ready",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "process_open_fds",
}


def series(probe: Probe) -> set[str]:
    """Every series, without its value."""
    text = probe.ask("GET", "/metrics").body.decode()
    return {line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")}


def requests(probe: Probe, **labels: Any) -> float:
    """How many requests were counted so."""
    return probe.metric("offing_requests_total", **{name: str(value) for name, value in labels.items()})


def test_the_text_format_names_every_metric(workshop: Probe) -> None:
    workshop.ask("GET", "/probe/cached?key=1")
    answer = workshop.ask("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {re.split(r"[{ ]", each)[0] for each in series(workshop)} >= NAMES


def test_a_request_is_counted_with_its_bytes_and_its_time(probe: Probe) -> None:
    labels = {"service": "probe", "route": "/probe/echo", "method": "POST", "status": 200}
    count = requests(probe, **labels)
    received = probe.metric("offing_received_bytes_total", service="probe")
    sent = probe.metric("offing_sent_bytes_total", service="probe")
    timed = probe.metric("offing_request_seconds_count", service="probe", route="/probe/echo")
    body = probe.ask("POST", "/probe/echo", body=bytes(1000)).body
    assert requests(probe, **labels) == count + 1
    assert probe.metric("offing_received_bytes_total", service="probe") == received + 1000
    assert probe.metric("offing_sent_bytes_total", service="probe") == sent + len(body)
    assert probe.metric("offing_request_seconds_count", service="probe", route="/probe/echo") == timed + 1


def test_a_head_has_no_bytes(probe: Probe) -> None:
    sent = probe.metric("offing_sent_bytes_total", service="probe")
    probe.ask("HEAD", "/probe/large?bytes=1000")
    assert probe.metric("offing_sent_bytes_total", service="probe") == sent


def test_look_ups_of_the_cache_are_counted_by_their_end(probe: Probe) -> None:
    hits = probe.metric("offing_cache_lookups_total", service="probe", outcome="hit")
    misses = probe.metric("offing_cache_lookups_total", service="probe", outcome="miss")
    for _ in range(3):
        probe.ask("GET", "/probe/cached?key=counted")
    assert probe.metric("offing_cache_lookups_total", service="probe", outcome="hit") == hits + 2
    assert probe.metric("offing_cache_lookups_total", service="probe", outcome="miss") == misses + 1


def test_no_client_can_make_up_a_label(probe: Probe) -> None:
    def provoke(mark: str) -> None:
        for method in ("PROPFIND", "MKCOL", "REPORT", "M-SEARCH", "FOO"):
            probe.ask(method, "/livez")
            probe.ask(method, f"/{mark}")
        for path in (
            f"/{mark}",
            f"/probe/{mark}",
            f"/probe/files/{mark}",
            f"/probe/slow?{mark}",
            "/%00",
            "/%ff",
        ):
            for verb in ("GET", "DELETE", "OPTIONS"):
                probe.ask(verb, path)
        probe.ask("OPTIONS", f"/{mark}", f"Origin: https://{mark}", "Access-Control-Request-Method: GET")
        probe.ask("GET", "/livez", f"Host: {mark}", f"X-Request-ID: {mark}")

    provoke("first")
    before = series(probe)
    for mark in ("second", "third"):
        provoke(mark)
    assert series(probe) == before
    methods = {match[1] for each in before if (match := re.search(r'method="([^"]*)"', each))}
    assert methods <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}


@pytest.mark.parametrize(("method", "route"), [("DELETE", "/probe/echo"), ("OPTIONS", "/probe/echo")])
def test_a_wrong_method_counts_for_its_route(probe: Probe, method: str, route: str) -> None:
    status = 204 if method == "OPTIONS" else 405
    before = requests(probe, service="probe", route=route, method=method, status=status)
    probe.ask(method, route)
    assert requests(probe, service="probe", route=route, method=method, status=status) == before + 1


def test_a_client_that_left_counts_as_499(probe: Probe) -> None:
    labels = {"service": "probe", "route": "/probe/slow", "method": "GET", "status": 499}
    before = requests(probe, **labels)
    with probe.connect() as wire:
        wire.head("GET", "/probe/slow?seconds=60", "X-Request-ID: left")
        eventually(lambda: probe.metric("offing_requests_in_flight") == 2)
    eventually(lambda: requests(probe, **labels) == before + 1)
    assert any(line.get("request_id") == "left" and line["status"] == 499 for line in probe.lines)


def test_a_client_that_leaves_a_stream_counts_as_499(probe: Probe) -> None:
    labels = {"service": "probe", "route": "/probe/stream", "method": "GET", "status": 499}
    before = requests(probe, **labels)
    with probe.connect() as wire:
        wire.head("GET", "/probe/stream?lines=1000&pause=0.05")
        assert wire.socket.recv(12) == b"HTTP/1.1 200"
    eventually(lambda: requests(probe, **labels) == before + 1)
