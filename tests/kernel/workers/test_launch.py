"""Nurseries are started before their pool where that saves time, and each is taken over once."""

from __future__ import annotations

import pytest

from offing.kernel.workers import launch

HANDLER = "tests.kernel.probe.job:handle"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handlers for which a process was started."""
    handlers: list[str] = []

    def start(handler: str) -> object:
        handlers.append(handler)
        return object()

    monkeypatch.setattr(launch, "_launch", start)
    monkeypatch.setattr(launch, "_early", {})
    return handlers


def test_with_processors_for_both_it_is_started_early_and_taken_over_once(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "available", lambda: 2)
    launch.launch_early(HANDLER)
    launch.launch_early(HANDLER)
    assert started == [HANDLER]
    early = launch.launch(HANDLER)
    assert started == [HANDLER]
    assert launch.launch(HANDLER) is not early
    assert started == [HANDLER, HANDLER]


def test_on_a_share_of_one_processor_it_is_started_when_it_is_needed(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "available", lambda: 1)
    launch.launch_early(HANDLER)
    assert started == []
    launch.launch(HANDLER)
    assert started == [HANDLER]
