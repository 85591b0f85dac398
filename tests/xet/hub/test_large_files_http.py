"""Uploads without Xet: the batch API of Git LFS."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.xet.hub.building import sha256
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub

OWNER = {"Authorization": f"Bearer {OWNER_TOKEN}"}
CONTENT = bytes(range(256)) * 5000


@pytest.fixture(scope="module", autouse=True)
def _repository(hub: RunningHub) -> None:
    hub.api().create_repo("acme/plain")


def batch(client: httpx.Client, oid: str, size: int) -> dict[str, object]:
    body = {"operation": "upload", "objects": [{"oid": oid, "size": size}], "hash_algo": "sha256"}
    answer = client.post("/acme/plain.git/info/lfs/objects/batch", json=body, headers=OWNER)
    assert answer.status_code == 200
    (found,) = answer.json()["objects"]
    return dict(found)


def upload_url(client: httpx.Client, content: bytes) -> str:
    actions = json.dumps(batch(client, sha256(content), len(content))["actions"])
    return str(json.loads(actions)["upload"]["href"])


def test_content_is_put_committed_and_served_whole(client: httpx.Client) -> None:
    assert client.put(upload_url(client, CONTENT), content=CONTENT).status_code == 200
    assert "actions" not in batch(client, sha256(CONTENT), len(CONTENT))
    line = {"key": "lfsFile", "value": {"path": "w.bin", "algo": "sha256", "oid": sha256(CONTENT)}}
    body = "\n".join(map(json.dumps, ({"key": "header", "value": {"summary": "s"}}, line)))
    assert client.post("/api/models/acme/plain/commit/main", content=body, headers=OWNER).status_code == 200
    answer = client.get("/acme/plain/resolve/main/w.bin", headers={"Range": "bytes=1048570-"})
    assert answer.content == CONTENT[1048570:]
    assert "X-Xet-Hash" not in answer.headers
    assert answer.headers["X-Linked-Size"] == str(len(CONTENT))


@pytest.mark.parametrize("body", [b"", b"short", b"y" * 1000, b"x" * 1001])
def test_other_content_is_refused(client: httpx.Client, hub: RunningHub, body: bytes) -> None:
    content = b"x" * 1000
    answer = client.put(upload_url(client, content), content=body)
    assert answer.status_code in (400, 413)
    assert not hub.app.hub.contents.path(sha256(content)).exists()
    assert list((hub.folder / "incoming").iterdir()) == []


def test_a_url_for_one_content_takes_no_other(client: httpx.Client) -> None:
    url = upload_url(client, b"one content")
    other = url.replace(sha256(b"one content"), sha256(b"another one"))
    assert client.put(other, content=b"another one").status_code == 403
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(("oid", "size"), [("../x", 5), ("0" * 64, 0), ("0" * 64, 1 << 50), ("", 1)])
def test_what_cannot_be_taken_is_said_in_the_batch(client: httpx.Client, oid: str, size: int) -> None:
    assert "error" in batch(client, oid, size)
