"""A hub that is killed at any moment of an upload has what it had said it has, and nothing by half."""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from pathlib import Path

import httpx
import pytest

from offing.xet.hub.xorb_index import scan
from tests.xet.hub.building import file_hash, sha256, shard, term, xorb
from tests.xet.hub.program import hub_program
from tests.xet.hub_fixture import OWNER_TOKEN

OWNER = {"Authorization": f"Bearer {OWNER_TOKEN}"}
PLACE = "/api/models/acme/model"


def publish(client: httpx.Client, number: int, store: dict[str, str]) -> str:
    """Upload and commit one file of a few chunks, as the clients do; its name."""
    source = random.Random(number)  # noqa: S311  the same bytes in every run
    chunks = [source.randbytes(40_000) for _ in range(6)]
    name, data = xorb(chunks)
    content = b"".join(chunks)
    body = shard((file_hash(chunks), [term(name, chunks, 0, 6)], sha256(content)))
    large = {"path": f"{number}.bin", "algo": "sha256", "oid": sha256(content)}
    lines = (
        {"key": "header", "value": {"summary": f"file {number}"}},
        {"key": "lfsFile", "value": large},
        {"key": "file", "value": {"path": f"{number}.txt", "content": str(number), "encoding": "utf-8"}},
    )
    for path, sent, headers in (
        (f"/v1/xorbs/default/{name}", data, store),
        ("/v1/shards", body, store),
        (f"{PLACE}/commit/main", "\n".join(map(json.dumps, lines)).encode(), OWNER),
    ):
        client.post(path, content=sent, headers=headers).raise_for_status()
    return f"{number}.bin"


def upload_until_killed(base: str, first: int, done: list[str]) -> None:
    with contextlib.suppress(httpx.HTTPError), httpx.Client(base_url=base) as client:
        token = client.get(f"{PLACE}/xet-write-token/main", headers=OWNER).json()["accessToken"]
        store = {"Authorization": f"Bearer {token}"}
        # What was published is noted before the next begins, however this ends.
        done.extend(publish(client, number, store) for number in range(first, first + 10_000))


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_loses_no_committed_file_and_serves_nothing_half(tmp_path: Path, seed: int) -> None:
    moment = random.Random(seed)  # noqa: S311  a moment, not a secret
    done: list[str] = []
    for life in range(2):
        with hub_program(tmp_path / "hub") as (base, process):
            httpx.post(f"{base}/api/repos/create", json={"name": "acme/model"}, headers=OWNER)
            uploading = threading.Thread(target=upload_until_killed, args=(base, 10_000 * life, done))
            before = len(done)
            uploading.start()
            while len(done) == before and uploading.is_alive():
                time.sleep(0.005)
            time.sleep(moment.uniform(0, 0.2))
            process.kill()
            uploading.join(10)
            assert len(done) > before
    with hub_program(tmp_path / "hub") as (base, _), httpx.Client(base_url=base) as client:
        check(client, done)
        # What a kill interrupted can be uploaded again.
        upload = client.get(f"{PLACE}/xet-write-token/main", headers=OWNER).json()["accessToken"]
        store = {"Authorization": f"Bearer {upload}"}
        check(client, done + [publish(client, number, store) for number in (0, 10_000, 20_000)])
    for place in (tmp_path / "hub" / "store" / "xorbs").glob("*/*"):
        if not place.suffix:
            scan(place)
    assert list((tmp_path / "hub" / "incoming").iterdir()) == []


def check(client: httpx.Client, done: list[str]) -> None:
    """Every file that the hub lists is whole, and every one that was committed is listed."""
    rows = {row["path"]: row for row in client.get(f"{PLACE}/tree/main?recursive=true").json()}
    assert set(done) <= set(rows)
    for path, row in rows.items():
        answer = client.get(f"/acme/model/resolve/main/{path}")
        assert answer.status_code == 200
        if "lfs" in row:
            assert sha256(answer.content) == row["lfs"]["oid"]
        elif path.endswith(".txt"):
            assert answer.text == path.removesuffix(".txt")


def test_a_hub_that_is_ended_exits_well_and_lets_the_folder_go(tmp_path: Path) -> None:
    for _ in range(2):
        with hub_program(tmp_path / "hub") as (base, process):
            assert httpx.get(f"{base}/api/models").json() == []
            process.terminate()
            assert process.wait(10) == 0
