"""Every failure has one shape, and tells nothing that is not meant for the client."""

from __future__ import annotations

import pytest

from offing.kernel.problems import Problem
from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import Probe
from tests.kernel.probe.service import SECRET
from tests.kernel.probe.wire import Answer

MEMBERS = {"type", "title", "status", "detail", "code", "remedy", "request_id"}


def assert_problem(answer: Answer, status: int, code: str) -> None:
    """The shape of RFC 9457 with our members."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json
    assert set(body) >= MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:offing:problem:{code}")
    assert body["request_id"] == answer.headers["x-request-id"]
    assert all(isinstance(body[member], str) and body[member] for member in MEMBERS - {"status"})


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/probe/nowhere", 404, "not-found"),
        ("GET", "/probe/echo", 405, "method-not-allowed"),
        ("DELETE", "/livez", 405, "method-not-allowed"),
        ("PROPFIND", "/livez", 405, "method-not-allowed"),
        ("GET", "/probe/refuse", 422, "invalid"),
        ("GET", "/probe/fail", 500, "internal"),
        ("POST", "/probe/form", 400, "bad-request"),
    ],
)
def test_every_failure_is_a_problem(probe: Probe, method: str, path: str, status: int, code: str) -> None:
    assert_problem(probe.ask(method, path), status, code)


def test_a_problem_may_bring_members_and_headers(probe: Probe) -> None:
    answer = probe.ask("GET", "/probe/refuse")
    assert answer.json["detail"] == "The field is missing."
    assert answer.json["field"] == "colour"
    assert answer.headers["x-extra"] == "1"


def test_a_failure_of_head_has_a_head_only(probe: Probe) -> None:
    with probe.connect() as wire:
        assert wire.ask("HEAD", "/probe/fail").status == 500
        assert wire.ask("GET", "/livez").status == 200


def test_a_wrong_method_is_told_the_right_ones(probe: Probe) -> None:
    assert probe.ask("GET", "/probe/echo").headers["allow"] == "OPTIONS, POST"
    assert probe.ask("POST", "/livez", body=b"").headers["allow"] == "GET, HEAD, OPTIONS"


def test_what_nobody_expects_is_told_to_nobody(probe: Probe) -> None:
    answer = probe.ask("GET", f"/probe/fail?name={SECRET}")
    assert answer.json["detail"] == Problem.text
    eventually(lambda: any(line.get("request_id") == answer.json["request_id"] for line in probe.lines))
    (line,) = [
        line
        for line in probe.lines
        if line["event"] == "unexpected failure" and line["request_id"] == answer.json["request_id"]
    ]
    assert line["error"] == "ValueError"
    assert line["where"].endswith(tuple(f":fail:{number}" for number in range(1000)))
    for told in (answer.body.decode(), str(answer.headers), probe.log):
        assert SECRET not in told
        assert "0x" not in told
        assert "/etc" not in told
        assert ".py" not in told


@pytest.mark.parametrize("then", ["fail", "problem"])
def test_a_failure_after_the_head_breaks_the_answer_off(probe: Probe, then: str) -> None:
    with probe.connect() as wire:
        wire.head("GET", f"/probe/stream?lines=2&then={then}", "X-Request-ID: broken-" + then)
        answer = wire.answer()
        assert answer.status == 200
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.body == b"line 0\nline 1\n"
        assert not answer.whole
        assert wire.socket.recv(1) == b""
    assert any(
        line["event"] == "answer cut off" and line["request_id"] == "broken-" + then for line in probe.lines
    )
    assert SECRET not in probe.log


def test_a_failure_says_when_the_connection_ends_with_it(probe: Probe) -> None:
    with probe.connect() as wire:
        assert "connection" not in wire.ask("GET", "/nowhere").headers
        assert wire.ask("POST", "/nowhere", body=b"unread").headers["connection"] == "close"
        assert wire.ends() < 5


def test_the_text_of_a_problem_defaults_to_its_class() -> None:
    assert Problem().body("id")["detail"] == Problem.text
    assert str(Problem("Said otherwise.")) == "Said otherwise."
    assert Problem(remedy="Do this.").body()["remedy"] == "Do this."
