"""Wrangler's answers, and what is said where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from offing.edge.deploy import wrangler as module
from offing.edge.deploy.wrangler import USUAL_REMEDY, Told, Wrangler, WranglerFailed, find, remedy_of
from tests.edge.deploy.conftest import StandIn


def test_it_is_asked_in_the_configurations_folder(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(("queues", (3, "out", "error")))
    assert wrangler.ask("queues", "list") == Told(3, "out", "error")
    assert wrangler.run("queues", "list") == 3
    assert stand_in.asked == ["queues list", "queues list"]


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("set a CLOUDFLARE_API_TOKEN environment variable", "wrangler login"),
        ("You are not logged in.", "wrangler login"),
        ("Authentication error [code: 10000]", "wrangler login"),
        ("More than one account available", "CLOUDFLARE_ACCOUNT_ID"),
        ("requires the Workers Paid plan", "Workers Paid plan"),
        ("The Docker CLI could not be launched", "Start Docker"),
        ("fetch failed", "network"),
    ],
)
def test_a_failure_has_a_remedy(said: str, remedy: str) -> None:
    assert remedy in remedy_of(said)


def test_a_failure_that_nobody_knows_leaves_wranglers_words() -> None:
    assert remedy_of("the sky is falling") == USUAL_REMEDY
    assert Told(1, "", "\x1b[31m✘ [ERROR]\x1b[0m The sky.\n\nLogs were written").complaint == "The sky."
    assert Told(1, "It fell.\n", "").complaint == "It fell."


@pytest.mark.parametrize(
    "said",
    ['Queue "a" does not exist.', "The specified bucket does not exist. [code: 10006]", "[code: 10007]"],
)
def test_what_is_not_there_is_told_from_what_failed(said: str) -> None:
    assert Told(1, "", said).is_missing
    assert not Told(0, said, "").is_missing
    assert not Told(1, "", "[code: 10000]").is_missing


def test_one_that_hangs_is_given_up(
    wrangler: Wrangler, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stand_in.folder / "wrangler").write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(module, "ASK_SECONDS", 0.1)
    with pytest.raises(WranglerFailed, match="gave no answer"):
        wrangler.ask("whoami")


def test_the_workers_own_wrangler_comes_before_that_of_the_path(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(stand_in.folder))
    assert find(tmp_path).program == str(stand_in.folder / "wrangler")
    own = tmp_path / "node_modules" / ".bin" / "wrangler"
    own.parent.mkdir(parents=True)
    own.write_bytes((stand_in.folder / "wrangler").read_bytes())
    assert find(tmp_path).program == str(own)
    monkeypatch.setenv("PATH", "")
    own.unlink()
    with pytest.raises(WranglerFailed, match="not installed"):
        find(tmp_path)
