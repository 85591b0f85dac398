"""The content store over HTTP: who may do what, and what is taken."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from offing.xet.hub.shards import Term
from tests.xet.hub.building import file_hash, sha256, shard, term, xorb
from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, RunningHub

RANDOM = random.Random(8)  # noqa: S311  the same bytes in every run
CHUNKS = [RANDOM.randbytes(size) for size in (1000, 70000, 131072, 5, 30000)]
NAME, XORB = xorb(CHUNKS)
CONTENT = b"".join(CHUNKS)
FILE = file_hash(CHUNKS)
TERMS = [term(NAME, CHUNKS, 0, 2), term(NAME, CHUNKS, 2, 5)]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def store_token(client: httpx.Client, right: str, token: str = OWNER_TOKEN) -> dict[str, str]:
    answer = client.get(f"/api/models/acme/model/xet-{right}-token/main", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Xet-Access-Token"] == answer.json()["accessToken"]
    assert answer.headers["X-Xet-Cas-Url"] == answer.json()["casUrl"]
    assert answer.headers["X-Xet-Token-Expiration"] == str(answer.json()["exp"])
    return bearer(answer.json()["accessToken"])


@pytest.fixture(scope="module", autouse=True)
def uploaded(hub: RunningHub) -> None:
    with httpx.Client(base_url=hub.base) as client:
        for name in ("model", "other"):
            made = client.post(
                "/api/repos/create", json={"name": f"acme/{name}"}, headers=bearer(OWNER_TOKEN)
            )
            assert made.status_code == 200
        write = store_token(client, "write")
        assert client.post(f"/v1/xorbs/default/{NAME}", content=XORB, headers=write).json() == {
            "was_inserted": True
        }
        assert client.post(
            "/v1/shards", content=shard((FILE, TERMS, sha256(CONTENT))), headers=write
        ).json() == {"result": 1}


def plan(client: httpx.Client, version: int = 2, **headers: str) -> dict[str, Any]:
    answer = client.get(
        f"/v{version}/reconstructions/{FILE}", headers={**store_token(client, "read"), **headers}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_xorb_that_is_there_is_not_taken_twice(client: httpx.Client) -> None:
    answer = client.post(f"/v1/xorbs/default/{NAME}", content=XORB, headers=store_token(client, "write"))
    assert answer.json() == {"was_inserted": False}


def test_a_xorb_of_another_hash_is_refused(client: httpx.Client, hub: RunningHub) -> None:
    write = store_token(client, "write")
    for name, body in (("0" * 64, XORB), (NAME[::-1], XORB), ("1" * 64, b""), ("2" * 64, b"rubbish")):
        assert client.post(f"/v1/xorbs/default/{name}", content=body, headers=write).status_code == 400
    assert len(hub.xorbs()) == 1
    assert list((hub.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("name", ["x", "A" * 64, "0" * 63, "..%2f..%2fkey", "0" * 65])
def test_what_is_no_hash_is_refused(client: httpx.Client, name: str) -> None:
    write = store_token(client, "write")
    assert client.post(f"/v1/xorbs/default/{name}", content=XORB, headers=write).status_code == 400
    assert client.get(f"/v2/reconstructions/{name}", headers=write).status_code == 400
    assert client.get(f"/xorbs/{name}").status_code == 400


def test_uploads_are_bounded(client: httpx.Client, hub: RunningHub) -> None:
    write = store_token(client, "write")
    hub.settings.largest_xorb = hub.settings.largest_shard = 1000

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    try:
        for path in (f"/v1/xorbs/default/{'3' * 64}", "/v1/shards"):
            assert client.post(path, content=b"x" * 1001, headers=write).status_code == 413
            assert client.post(path, content=endless(), headers=write).status_code == 413
    finally:
        hub.settings.largest_xorb, hub.settings.largest_shard = 1 << 26, 1 << 26
    assert list((hub.folder / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("file", "terms", "digest"),
    [
        (FILE, [Term("9" * 64, 0, 5, len(CONTENT))], sha256(CONTENT)),
        (FILE, [Term(NAME, 0, 6, len(CONTENT))], sha256(CONTENT)),
        (FILE, [Term(NAME, 0, 5, len(CONTENT) - 1)], sha256(CONTENT)),
        (FILE, [term(NAME, CHUNKS, 0, 4)], sha256(CONTENT)),
        (FILE, list(reversed(TERMS)), sha256(CONTENT)),
        ("5" * 64, TERMS, sha256(CONTENT)),
        (FILE, TERMS, "6" * 64),
    ],
    ids=[
        "missing xorb",
        "missing chunk",
        "wrong length",
        "too few",
        "wrong order",
        "wrong hash",
        "wrong sha256",
    ],
)
def test_a_shard_that_does_not_hold_is_refused_whole(
    client: httpx.Client, hub: RunningHub, file: str, terms: list[Term], digest: str
) -> None:
    good = [CHUNKS[3]]
    body = shard((file_hash(good), [term(NAME, CHUNKS, 3, 4)], sha256(CHUNKS[3])), (file, terms, digest))
    answer = client.post("/v1/shards", content=body, headers=store_token(client, "write"))
    assert answer.status_code == 400
    assert hub.app.hub.recipes.find(file_hash(good)) is None


def test_a_file_comes_with_its_sha256_worked_out_where_none_is_named(client: httpx.Client) -> None:
    body = shard((file_hash(CHUNKS[1:2]), [term(NAME, CHUNKS, 1, 2)], None))
    assert client.post("/v1/shards", content=body, headers=store_token(client, "write")).status_code == 200
    large = {"path": "p", "algo": "sha256", "oid": sha256(CHUNKS[1])}
    lines = ({"key": "header", "value": {"summary": "s"}}, {"key": "lfsFile", "value": large})
    commit = client.post(
        "/api/models/acme/model/commit/main",
        content="\n".join(map(json.dumps, lines)),
        headers=bearer(OWNER_TOKEN),
    )
    assert commit.status_code == 200
    assert client.get("/acme/model/resolve/main/p").content == CHUNKS[1]


def test_a_token_for_reading_does_not_write(client: httpx.Client) -> None:
    read = store_token(client, "read")
    assert client.post(f"/v1/xorbs/default/{NAME}", content=XORB, headers=read).status_code == 403
    assert client.post("/v1/shards", content=b"", headers=read).status_code == 403
    assert (
        client.get("/api/models/acme/model/xet-write-token/main", headers=bearer(READER_TOKEN)).status_code
        == 403
    )
    assert client.get("/api/models/acme/model/xet-write-token/main").status_code == 401


@pytest.mark.parametrize("headers", [{}, bearer("x"), bearer(OWNER_TOKEN), {"Authorization": "Basic x"}])
def test_the_store_wants_its_own_tokens(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.get(f"/v2/reconstructions/{FILE}", headers=headers).status_code == 401
    assert client.post(f"/v1/xorbs/default/{NAME}", content=XORB, headers=headers).status_code == 401
    assert client.post("/v1/shards", content=b"", headers=headers).status_code == 401


def test_a_token_reads_no_file_of_another_repository(client: httpx.Client) -> None:
    answer = client.get("/api/models/acme/other/xet-read-token/main").json()
    found = client.get(f"/v2/reconstructions/{FILE}", headers=bearer(answer["accessToken"]))
    assert found.status_code == 404


def test_tokens_expire(client: httpx.Client, hub: RunningHub) -> None:
    hub.settings.token_seconds = 0.2
    try:
        read = store_token(client, "read")
    finally:
        hub.settings.token_seconds = 3600
    assert client.get(f"/v2/reconstructions/{FILE}", headers=read).status_code == 200
    time.sleep(0.25)
    assert client.get(f"/v2/reconstructions/{FILE}", headers=read).status_code == 401


@pytest.mark.parametrize("version", [1, 2])
def test_a_range_past_the_end_is_416(client: httpx.Client, version: int) -> None:
    read = store_token(client, "read")
    for asked, status in ((f"bytes={len(CONTENT)}-", 416), ("bytes=0-99999999", 200)):
        headers = {**read, "Range": asked}
        assert client.get(f"/v{version}/reconstructions/{FILE}", headers=headers).status_code == status


def test_version_two_can_be_missing(client: httpx.Client, hub: RunningHub) -> None:
    hub.settings.second_version = False
    try:
        read = store_token(client, "read")
        assert client.get(f"/v2/reconstructions/{FILE}", headers=read).status_code == 404
        assert plan(client, 1)["terms"]
    finally:
        hub.settings.second_version = True


def test_a_signed_url_answers_its_exact_range_and_no_other(client: httpx.Client) -> None:
    found = plan(client, Range="bytes=1500-1600")
    assert found["offset_into_first_range"] == 500
    ((entry,),) = found["xorbs"].values()
    (asked,) = entry["ranges"]
    first, last = asked["bytes"]["start"], asked["bytes"]["end"]
    answer = client.get(entry["url"], headers={"Range": f"bytes={first}-{last}"})
    assert answer.status_code == 206
    assert answer.content == XORB[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(XORB)}"
    assert client.get(entry["url"]).content == answer.content
    for other in (f"{first + 1}-{last}", f"{first}-{last - 1}", "0-", f"{first}-{last + 1}"):
        assert client.get(entry["url"], headers={"Range": f"bytes={other}"}).status_code == 403
    for changed in (
        entry["url"] + "0",
        entry["url"].replace("about=", "about=0-1,"),
        entry["url"].split("?")[0],
    ):
        assert client.get(changed).status_code == 403


def test_several_ranges_of_one_url_come_as_parts(client: httpx.Client) -> None:
    body = shard(
        (file_hash([CHUNKS[0], CHUNKS[3]]), [term(NAME, CHUNKS, 0, 1), term(NAME, CHUNKS, 3, 4)], None)
    )
    assert client.post("/v1/shards", content=body, headers=store_token(client, "write")).status_code == 200
    answer = client.get(
        f"/v2/reconstructions/{file_hash([CHUNKS[0], CHUNKS[3]])}", headers=store_token(client, "read")
    )
    ((entry,),) = answer.json()["xorbs"].values()
    spelled = [f"{each['bytes']['start']}-{each['bytes']['end']}" for each in entry["ranges"]]
    assert len(spelled) == 2
    whole = client.get(entry["url"], headers={"Range": f"bytes={','.join(spelled)}"})
    assert whole.status_code == 206
    assert int(whole.headers["Content-Length"]) == len(whole.content)
    boundary = whole.headers["Content-Type"].partition("boundary=")[2].encode()
    parts = [part.partition(b"\r\n\r\n") for part in whole.content.split(b"\r\n--" + boundary)[1:-1]]
    for (head, _, part), asked in zip(parts, entry["ranges"], strict=True):
        first, last = asked["bytes"]["start"], asked["bytes"]["end"]
        assert f"Content-Range: bytes {first}-{last}/{len(XORB)}".encode() in head
        assert part == XORB[first : last + 1]
    one = client.get(entry["url"], headers={"Range": f"bytes={spelled[1]}"})
    assert one.content == parts[1][2]


def test_urls_expire(client: httpx.Client, hub: RunningHub) -> None:
    hub.settings.url_seconds = 0.2
    try:
        ((entry,),) = plan(client)["xorbs"].values()
    finally:
        hub.settings.url_seconds = 3600
    assert client.get(entry["url"]).status_code == 206
    time.sleep(0.25)
    assert client.get(entry["url"]).status_code == 403


def test_what_clients_try_first_is_not_here(client: httpx.Client) -> None:
    for path in (f"/v1/xorb-grants/default/{NAME}", "/v2/shards"):
        assert client.post(path).status_code == 404
    assert client.get(f"/v1/chunks/default/{NAME}").status_code == 404
    assert client.post("/v1/telemetry", content=b"{}").status_code == 200
    assert client.put(f"/v1/xorbs/default/{NAME}").status_code == 405
