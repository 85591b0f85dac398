"""Who cannot use a connection again after an answer without a body says so, and is told that it ends."""

from __future__ import annotations

import pytest

from tests.kernel.probe.running import Probe

PICKY = "X-Offing-Bodiless: close"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_such_a_connection_ends_for_who_asks_for_that(probe: Probe, method: str) -> None:
    assert probe.ask(method, "/livez", PICKY).headers["connection"] == "close"


@pytest.mark.parametrize(
    ("method", "headers"), [("HEAD", ()), ("HEAD", ("X-Offing-Bodiless: keep",)), ("GET", (PICKY,))]
)
def test_any_other_goes_on(probe: Probe, method: str, headers: tuple[str, ...]) -> None:
    with probe.connect() as wire:
        assert "connection" not in wire.ask(method, "/livez", *headers).headers
        assert wire.ask("GET", "/livez").status == 200
