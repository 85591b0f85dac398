"""Request ids, logs and Server-Timing: what is told of a request, and what never is."""

from __future__ import annotations

import re

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe
from tests.kernel.probe.service import SECRET

STAGE = re.compile(r"[a-z-]+;dur=\d+\.\d\d")


def told(probe: Probe, request_id: str) -> dict[str, object]:
    """The log's line of a request."""

    def lines() -> list[dict[str, object]]:
        return [line for line in probe.lines if line.get("request_id") == request_id]

    eventually(lines)
    (line,) = lines()
    return line


def test_a_request_id_is_made_and_returned(probe: Probe) -> None:
    first, second = (probe.ask("GET", "/livez").headers["x-request-id"] for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{32}", first)


def test_a_sane_request_id_is_kept_returned_and_logged(probe: Probe) -> None:
    answer = probe.ask("GET", "/probe/slow?seconds=0.01", "X-Request-ID: Trace.1_2-3")
    assert answer.headers["x-request-id"] == "Trace.1_2-3"
    line = told(probe, "Trace.1_2-3")
    assert line.pop("milliseconds", 0) >= 5  # type: ignore[operator]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(line.pop("time")))
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": "Trace.1_2-3",
        "service": "probe",
        "method": "GET",
        "route": "/probe/slow",
        "status": 200,
        "bytes_in": 0,
        "bytes_out": 16,
    }


@pytest.mark.parametrize(
    "offered", ["", "a" * 65, "two words", "../../etc", "ü", '{"json":1}', "a\tb", "<script>", "%0a"]
)
def test_a_request_id_that_is_not_sane_is_replaced(probe: Probe, offered: str) -> None:
    with probe.connect() as wire:
        wire.send(b"GET /livez HTTP/1.1\r\nHost: probe\r\nX-Request-ID: " + offered.encode() + b"\r\n\r\n")
        assert re.fullmatch(r"[0-9a-f]{32}", wire.answer().headers["x-request-id"])


def test_every_line_of_the_log_is_json(probe: Probe) -> None:
    probe.ask("GET", "/probe/fail")
    probe.ask("GET", "/probe/stream?then=fail")
    with probe.connect() as wire:
        wire.send(bytes(100))
        wire.answer()
    assert all({"time", "level", "event"} <= set(line) for line in probe.lines)


def test_nothing_that_a_client_sends_is_logged(serve: Serve) -> None:
    probe = serve(log_level="debug")
    boundary = f"boundary{SECRET}"
    part = f'Content-Disposition: form-data; name="{SECRET}"; filename="{SECRET}.jpg"\r\n\r\n{SECRET}'
    form = f"--{boundary}\r\n{part}\r\n--{boundary}--\r\n".encode()
    headers = [
        f"X-Request-ID: {SECRET} {SECRET}",
        f"X-API-Key: {SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"Cookie: {SECRET}",
        f"User-Agent: {SECRET}",
        f"Referer: https://{SECRET}/",
        f"Origin: https://{SECRET}",
        f"X-Forwarded-For: {SECRET}",
        f"Content-Type: multipart/form-data; boundary={boundary}",
    ]
    assert probe.ask("POST", f"/probe/form?{SECRET}={SECRET}", *headers, body=form).status == 200
    assert probe.ask("POST", "/probe/form", *headers, body=form[:-10]).status == 400
    assert probe.ask("GET", f"/probe/files/{SECRET}/{SECRET}.jpg").status == 200
    for path in (
        f"/{SECRET}",
        f"/probe/{SECRET}",
        f"/probe/fail?{SECRET}",
        f"/probe/stream?then=fail&{SECRET}",
    ):
        probe.ask("GET", path, *headers[:-1])
    for raw in (f"{SECRET} / HTTP/1.1\r\n\r\n", f"GET / HTTP/1.1\r\n{SECRET}\r\n\r\n", f"{SECRET}"):
        with probe.connect() as wire:
            wire.send(raw.encode())
            wire.answer() if raw.endswith("\r\n") else None
    with probe.connect() as wire:
        wire.head("POST", f"/probe/echo?{SECRET}", *headers, "Content-Length: 100")
        wire.send(SECRET.encode())
    eventually(lambda: sum(line["event"] == "request" for line in probe.lines) > 7)
    assert SECRET not in probe.log
    assert "127.0.0.1" not in "\n".join(line for line in probe.log.splitlines() if '"listening"' not in line)


def test_a_library_is_told_of_and_not_quoted(serve: Serve) -> None:
    probe = serve(probe_target="tests.kernel.probe.work:handle")
    assert {line["event"] for line in probe.lines} <= {
        "listening", "service ready", "request", "library message",
    }  # fmt: skip
    assert "uvicorn" not in probe.log


def test_the_least_level_that_is_logged_is_a_setting(serve: Serve) -> None:
    probe = serve(ready=False, log_level="info", log_requests="false")
    probe.ask("GET", "/probe/slow")
    assert [line["event"] for line in probe.lines] == ["listening", "service ready"]


def test_server_timing_tells_the_stages_and_the_total(probe: Probe) -> None:
    stages = probe.ask("GET", "/probe/slow?seconds=0.02").headers["server-timing"].split(", ")
    assert all(STAGE.fullmatch(stage) for stage in stages)
    times = {name: float(value) for name, _, value in (stage.partition(";dur=") for stage in stages)}
    assert list(times) == ["wait", "total"]
    assert 15 <= times["wait"] <= times["total"] < 5000


def test_failures_are_timed_as_well(probe: Probe) -> None:
    assert STAGE.fullmatch(probe.ask("GET", "/nowhere").headers["server-timing"])


def test_an_answer_that_waits_for_the_rest_of_a_body_is_not_slow_for_that(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 5000000", "X-Request-ID: lingers")
        assert wire.answer().status == 413
    assert told(probe, "lingers")["milliseconds"] < 500  # type: ignore[operator]
