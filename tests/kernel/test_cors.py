"""CORS: any origin by default, never with credentials."""

from __future__ import annotations

import pytest

from tests.kernel.conftest import Serve
from tests.kernel.probe.running import Probe
from tests.kernel.probe.wire import Answer

ORIGIN = "Origin: https://app.example"
PREFLIGHT = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-api-key, content-type")


def cors(answer: Answer) -> dict[str, str]:
    """The headers that tell a browser."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


def test_a_preflight_is_answered_for_any_origin(probe: Probe) -> None:
    answer = probe.ask("OPTIONS", "/probe/echo", ORIGIN, *PREFLIGHT)
    assert (answer.status, answer.body) == (204, b"")
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, DELETE",
        "access-control-allow-headers": "x-api-key, content-type",
        "access-control-max-age": "86400",
    }


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/probe/fail", "/probe/echo"])
def test_every_answer_may_be_read_also_a_failure(probe: Probe, path: str) -> None:
    answer = probe.ask("GET", path, ORIGIN)
    assert cors(answer) == {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": (
            "X-Request-ID, Server-Timing, Retry-After, Location, ETag, Content-Range, X-Repo-Commit, "
            "X-Offing-Verified"
        ),
    }
    assert "vary" not in answer.headers


def test_who_is_no_browser_is_told_nothing(probe: Probe) -> None:
    assert cors(probe.ask("GET", "/livez")) == {}


def test_options_without_a_preflight_lists_the_methods(probe: Probe) -> None:
    answer = probe.ask("OPTIONS", "/probe/echo")
    assert (answer.status, answer.headers["allow"]) == (204, "OPTIONS, POST")


def test_only_the_origins_of_the_settings_are_let_in(serve: Serve) -> None:
    probe = serve(cors_origins="https://app.example, https://other.example")
    for origin in ("https://app.example", "https://other.example"):
        for answer in (
            probe.ask("GET", "/livez", f"Origin: {origin}"),
            probe.ask("OPTIONS", "/probe/echo", f"Origin: {origin}", *PREFLIGHT),
        ):
            assert answer.headers["access-control-allow-origin"] == origin
            assert "Origin" in answer.headers["vary"]
    for origin in ("https://evil.example", "null", "https://app.example.evil.example", "*"):
        for answer in (
            probe.ask("GET", "/livez", f"Origin: {origin}"),
            probe.ask("OPTIONS", "/probe/echo", f"Origin: {origin}", *PREFLIGHT),
        ):
            assert "access-control-allow-origin" not in answer.headers
            assert answer.status < 300
    assert probe.ask("GET", "/livez").headers["vary"] == "Origin"


def test_credentials_are_never_allowed(probe: Probe) -> None:
    for answer in (
        probe.ask("GET", "/livez", ORIGIN, "Cookie: session=1"),
        probe.ask("OPTIONS", "/probe/echo", ORIGIN, *PREFLIGHT),
    ):
        assert "access-control-allow-credentials" not in answer.headers
