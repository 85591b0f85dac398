"""Every trouble happens as it was asked for, and the log tells what was asked and sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from offing.xet.hub.faults import FaultPlan, Faults, Rule
from tests.xet.hub_fixture import RunningHub, running_hub

CONTENT = bytes(range(256)) * 4000
URL = "/acme/model/resolve/main/w.bin"


@pytest.fixture(scope="module", autouse=True)
def uploaded(hub: RunningHub) -> None:
    hub.upload("acme/model", {"w.bin": CONTENT})


@pytest.fixture(autouse=True)
def calm(hub: RunningHub) -> Iterator[None]:
    yield
    hub.set_faults()
    hub.app.plan.rewrite = None


def statuses(client: httpx.Client, count: int) -> list[int]:
    return [client.head(URL).status_code for _ in range(count)]


def test_every_third_answer_fails(hub: RunningHub, client: httpx.Client) -> None:
    hub.set_faults(Rule(what="status", on="resolve", every=3, status=500))
    assert statuses(client, 7) == [200, 200, 500, 200, 200, 500, 200]


def test_a_rule_begins_late_and_ends(hub: RunningHub, client: httpx.Client) -> None:
    hub.set_faults(Rule(what="status", on="any", first=1, times=2, status=429, retry_after=0.5))
    assert statuses(client, 5) == [200, 429, 429, 200, 200]
    hub.set_faults(Rule(what="status", on="any", status=429, retry_after=0.5))
    assert client.head(URL).headers["Retry-After"] == "0.5"


def test_a_rule_for_another_kind_or_path_does_nothing(hub: RunningHub, client: httpx.Client) -> None:
    hub.set_faults(Rule(what="status", on="xorb"), Rule(what="status", on="resolve", path="other"))
    assert statuses(client, 2) == [200, 200]


def test_a_seed_decides_which_answers_fail() -> None:
    def run(seed: int) -> list[bool]:
        plan = FaultPlan(Faults(seed=seed, rules=[Rule(what="cut", probability=0.5)]))
        return [bool(plan.troubles("xorb", "/")) for _ in range(64)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert 10 < sum(run(1)) < 54


@pytest.mark.parametrize("at", [0, 1, 70000, 1024 * 1000 - 1])
def test_a_body_is_cut_where_it_is_to_be(hub: RunningHub, client: httpx.Client, at: int) -> None:
    hub.set_faults(Rule(what="cut", on="resolve", at=at))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(URL)
    assert hub.log.of("resolve")[-1].sent == at


@pytest.mark.parametrize("place", [0, 77777, len(CONTENT) - 1])
def test_one_byte_is_changed_wherever_the_range_begins(
    hub: RunningHub, client: httpx.Client, place: int
) -> None:
    hub.set_faults(Rule(what="flip", on="resolve", at=place, mask=0x10))
    expected = bytearray(CONTENT)
    expected[place] ^= 0x10
    assert client.get(URL).content == expected
    ranged = client.get(URL, headers={"Range": f"bytes={max(0, place - 5)}-"})
    assert ranged.content == expected[max(0, place - 5) :]
    if place:
        assert client.get(URL, headers={"Range": f"bytes=0-{place - 1}"}).content == CONTENT[:place]


def test_answers_are_late_and_slow_as_asked(hub: RunningHub, client: httpx.Client) -> None:
    hub.set_faults(latency_ms=150)
    began = time.perf_counter()
    client.head(URL)
    assert 0.15 <= time.perf_counter() - began < 1
    hub.set_faults(megabytes_per_second=4)
    began = time.perf_counter()
    assert client.get(URL).content == CONTENT
    assert 0.2 <= time.perf_counter() - began < 2


def test_a_stall_lasts_until_its_client_leaves(hub: RunningHub, client: httpx.Client) -> None:
    hub.set_faults(Rule(what="stall", on="resolve", at=1000))
    with pytest.raises(httpx.ReadTimeout):
        client.get(URL, timeout=0.2)
    assert hub.log.of("resolve")[-1].sent == 1000


def test_a_reconstruction_can_lie(hub: RunningHub, client: httpx.Client) -> None:
    hub.app.plan.rewrite = lambda body: {**body, "terms": []}
    token = client.get("/api/models/acme/model/xet-read-token/main").json()["accessToken"]
    name = hub.xet_hash("acme/model", "w.bin")
    answer = client.get(f"/v2/reconstructions/{name}", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["terms"] == []
    assert answer.json()["xorbs"]
    assert client.get(f"/v2/reconstructions/{name}").status_code == 401


def test_the_log_counts_requests_and_bytes(hub: RunningHub, client: httpx.Client) -> None:
    hub.log.clear()
    client.get(URL, headers={"Range": "bytes=0-999"})
    client.head(URL)
    assert hub.log.totals["resolve"].requests == 2
    assert hub.log.totals["resolve"].bytes == 1000
    first, _ = hub.log.of("resolve")
    assert (first.method, first.status, first.sent, first.headers["range"]) == (
        "GET",
        206,
        1000,
        "bytes=0-999",
    )


def test_faults_are_changed_from_outside(client: httpx.Client) -> None:
    rule = {"what": "status", "on": "resolve", "status": 503}
    assert client.put("/-/faults", json={"rules": [rule]}).status_code == 200
    assert client.head(URL).status_code == 503
    assert client.get("/-/faults").json()["rules"][0]["status"] == 503
    assert client.put("/-/faults", json={"rules": [{"what": "explode"}]}).status_code == 400
    assert client.put("/-/faults", json={}).status_code == 200
    assert client.delete("/-/requests").status_code == 200
    client.head(URL)
    assert client.get("/-/requests").json()["resolve"]["requests"] == 1
    assert client.get("/-/other").status_code == 404


def test_without_faults_nothing_is_to_be_changed(tmp_path: Path) -> None:
    with running_hub(tmp_path, faulty=False) as plain:
        assert httpx.put(f"{plain.base}/-/faults", json={}).status_code == 404
        assert httpx.get(f"{plain.base}/-/requests").status_code == 404
