"""API keys: off by default; where they are set, services and metrics ask for one."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

import pytest

from offing.kernel import api_keys
from offing.kernel.api_keys import hash_of, is_known, new_key
from tests.kernel.probe.running import Probe, running

KEYS = [new_key() for _ in range(3)]
OPEN = ("/", "/health", "/livez", "/readyz", "/probe/health", "/probe/livez", "/probe/readyz", "/docs",
        "/openapi.json")  # fmt: skip


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """A probe that knows three keys."""
    hashes = ",".join(hashed for _, hashed in KEYS)
    with running(tmp_path_factory.mktemp("locked") / "log", api_keys=hashes) as probe:
        yield probe


def test_without_keys_everyone_is_let_in(probe: Probe) -> None:
    assert probe.ask("GET", "/probe/slow").status == 200
    assert probe.ask("GET", "/probe/slow", "X-API-Key: whatever").status == 200
    assert probe.ask("GET", "/metrics").status == 200


@pytest.mark.parametrize("header", [[], ["X-API-Key: "], ["X-API-Key: wrong"], ["Authorization: Bearer x"]])
def test_a_missing_or_wrong_key_is_401_with_the_members_that_v1_promises(
    locked: Probe, header: list[str]
) -> None:
    answer = locked.ask("GET", "/probe/slow", *header)
    assert answer.status == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'ApiKey header="X-API-Key"'
    assert (answer.json["error"], answer.json["message"]) == (
        "Unauthorized",
        "Missing or invalid API key. Please provide X-API-Key header.",
    )


@pytest.mark.parametrize("place", range(3))
def test_each_of_the_keys_is_let_in(locked: Probe, place: int) -> None:
    assert locked.ask("GET", "/probe/slow", f"X-API-Key: {KEYS[place][0]}").status == 200


def test_the_hash_of_a_key_is_no_key(locked: Probe) -> None:
    assert locked.ask("GET", "/probe/slow", f"X-API-Key: {KEYS[0][1]}").status == 401


def test_a_key_in_the_query_is_no_key(locked: Probe) -> None:
    assert locked.ask("GET", f"/probe/slow?x-api-key={KEYS[0][0]}").status == 401


def test_a_path_that_is_written_otherwise_is_locked_as_well(locked: Probe) -> None:
    paths = ("/probe%2Fslow", "/%70robe/slow", "/probe//slow", "/probe/./slow", "/probe/../probe/slow")
    assert {locked.ask("GET", path).status for path in paths} <= {401, 404}


def test_a_large_body_without_a_key_is_not_read(locked: Probe) -> None:
    with locked.connect() as wire:
        wire.head("POST", "/probe/echo", "Content-Length: 1000000", "Expect: 100-continue")
        assert wire.answer().status == 401


def test_health_and_documents_stay_open(locked: Probe) -> None:
    assert {path: locked.ask("GET", path).status for path in OPEN} == dict.fromkeys(OPEN, 200)


def test_metrics_ask_for_a_key(locked: Probe) -> None:
    assert locked.ask("GET", "/metrics").status == 401
    assert locked.ask("GET", "/metrics", f"X-API-Key: {KEYS[1][0]}").status == 200


def test_a_browsers_preflight_needs_no_key(locked: Probe) -> None:
    answer = locked.ask(
        "OPTIONS", "/probe/echo", "Origin: https://a.example", "Access-Control-Request-Method: POST"
    )
    assert answer.status == 204


def test_no_key_reaches_the_log(locked: Probe) -> None:
    locked.ask("GET", "/probe/slow", f"X-API-Key: {KEYS[0][0]}")
    locked.ask("GET", "/probe/slow", "X-API-Key: offing_wrong")
    assert not any(secret in locked.log for pair in KEYS for secret in pair)
    assert "offing_wrong" not in locked.log


def test_a_key_that_is_made_is_random_and_its_hash_is_what_the_settings_take() -> None:
    (first, hashed), (second, _) = new_key(), new_key()
    assert first != second
    assert len(first) > 40
    assert hashed == hash_of(first)
    assert is_known(first, [hashed])
    assert not is_known(second, [hashed])


@pytest.mark.parametrize("place", range(3))
def test_every_hash_is_compared_wherever_the_right_one_stands(
    monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    compared = []

    def compare(offered: str, kept: str) -> bool:
        compared.append(kept)
        return hmac.compare_digest(offered, kept)

    monkeypatch.setattr(api_keys, "compare_digest", compare)
    hashes = [hashed for _, hashed in KEYS]
    assert is_known(KEYS[place][0], hashes)
    assert compared == hashes
