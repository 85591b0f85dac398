"""The hub over HTTP: files, listings, revisions, and who may see them."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub

BIG = bytes(range(256)) * 3000
FILES = {f"data/part-{number:03}.txt": f"{number}".encode() for number in range(120)}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


OWNER = bearer(OWNER_TOKEN)


def commit(
    client: httpx.Client, place: str, *lines: dict[str, Any], revision: str = "main", **header: Any
) -> Any:
    head = {"key": "header", "value": {"summary": "change", **header}}
    body = "\n".join(json.dumps(line) for line in (head, *lines))
    return client.post(f"/api/{place}/commit/{revision}", content=body, headers=OWNER)


def put(path: str, content: bytes) -> dict[str, Any]:
    text = base64.b64encode(content).decode()
    return {"key": "file", "value": {"path": path, "content": text, "encoding": "base64"}}


@pytest.fixture(scope="module", autouse=True)
def uploaded(hub: RunningHub) -> None:
    hub.upload("acme/model", {"weights/big.bin": BIG, "README.md": b"hello", **FILES})
    hub.upload("acme/model", {"only-here.txt": b"dev"}, revision="feature/x")
    hub.upload("acme/secret", {"a.txt": b"secret"}, "datasets", private=True)
    hub.upload("gate/model", {"a.txt": b"behind a gate", "b.bin": BIG})
    hub.api().update_repo_settings("gate/model", gated="auto")


def test_the_head_of_a_large_file_tells_all_that_clients_need(client: httpx.Client, hub: RunningHub) -> None:
    answer = client.head("/acme/model/resolve/main/weights/big.bin")
    headers = answer.headers
    assert answer.status_code == 200
    assert answer.content == b""
    assert headers["ETag"] == headers["X-Linked-ETag"]
    assert len(headers["ETag"]) == 66
    assert headers["Content-Length"] == headers["X-Linked-Size"] == str(len(BIG))
    assert headers["X-Xet-Hash"] == hub.xet_hash("acme/model", "weights/big.bin")
    assert headers["Accept-Ranges"] == "bytes"
    commit_id = headers["X-Repo-Commit"]
    assert f'<{hub.base}/api/models/acme/model/xet-read-token/{commit_id}>; rel="xet-auth"' in headers["Link"]


def test_a_small_file_has_its_git_id_as_etag(client: httpx.Client) -> None:
    answer = client.get("/acme/model/resolve/main/README.md")
    assert answer.content == b"hello"
    assert answer.headers["ETag"] == '"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"'
    assert "X-Xet-Hash" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "expected", "status"),
    [
        ("bytes=0-9", BIG[:10], 206),
        ("bytes=70000-700000", BIG[70000:700001], 206),
        ("bytes=-7", BIG[-7:], 206),
        ("bytes=9-3", BIG, 200),
        ("bytes=768000-", None, 416),
    ],
)
def test_ranges_of_a_file(client: httpx.Client, asked: str, expected: bytes | None, status: int) -> None:
    answer = client.get("/acme/model/resolve/main/weights/big.bin", headers={"Range": asked})
    assert answer.status_code == status
    assert expected is None or answer.content == expected


def test_conditions_are_heeded(client: httpx.Client) -> None:
    url = "/acme/model/resolve/main/weights/big.bin"
    etag = client.head(url).headers["ETag"]
    for tags, status in ((etag, 304), (f'"x", W/{etag}', 304), ("*", 304), ('"x"', 200)):
        assert client.get(url, headers={"If-None-Match": tags}).status_code == status
    for tag, status in ((etag, 206), ('"x"', 200)):
        assert client.get(url, headers={"If-Range": tag, "Range": "bytes=0-1"}).status_code == status


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/acme/model/resolve/main/none.txt", 404, "EntryNotFound"),
        ("/acme/model/resolve/main/weights", 404, "EntryNotFound"),
        ("/acme/model/resolve/none/README.md", 404, "RevisionNotFound"),
        ("/acme/model/resolve/" + "0" * 40 + "/README.md", 404, "RevisionNotFound"),
        ("/acme/none/resolve/main/README.md", 404, "RepoNotFound"),
        ("/datasets/acme/model/resolve/main/README.md", 404, "RepoNotFound"),
        ("/acme/model/resolve/main/..%2f..%2f..%2fcard.json", 404, "EntryNotFound"),
        ("/..%2f..%2fetc/model/resolve/main/passwd", 404, "RepoNotFound"),
        ("/acme/..%2f..%2fmodels/resolve/main/card.json", 404, "RepoNotFound"),
        ("/acme/model/resolve/..%2fcard.json/x", 404, "RevisionNotFound"),
    ],
)
def test_what_is_missing_is_told_apart(client: httpx.Client, path: str, status: int, code: str) -> None:
    answer = client.get(path, headers=OWNER)
    assert (answer.status_code, answer.headers.get("X-Error-Code")) == (status, code)


def test_a_path_that_is_not_utf8_is_refused(client: httpx.Client) -> None:
    assert client.get("/acme/model/resolve/main/%ff").status_code == 400


def test_revisions_are_branches_tags_and_commits(client: httpx.Client, hub: RunningHub) -> None:
    url = "/acme/model/resolve/{}/only-here.txt"
    answer = client.get(url.format("feature%2Fx"))
    assert answer.content == b"dev"
    commit_id = answer.headers["X-Repo-Commit"]
    hub.api().create_tag("acme/model", tag="v1", revision="feature/x", exist_ok=True)
    for revision in (commit_id, commit_id[:10], "refs%2Fheads%2Ffeature%2Fx", "v1", "refs%2Ftags%2Fv1"):
        assert client.get(url.format(revision)).content == b"dev"
    assert client.get(url.format("main")).headers["X-Error-Code"] == "EntryNotFound"
    references = client.get("/api/models/acme/model/refs").json()
    assert {each["name"] for each in references["branches"]} == {"main", "feature/x"}
    assert references["tags"][0] == {"name": "v1", "ref": "refs/tags/v1", "targetCommit": commit_id}


def test_a_private_repository_is_unknown_to_strangers(client: httpx.Client) -> None:
    paths = (
        "/datasets/acme/secret/resolve/main/a.txt",
        "/api/datasets/acme/secret",
        "/api/datasets/acme/secret/tree/main",
        "/api/datasets/acme/secret/revision/main",
        "/api/datasets/acme/secret/refs",
        "/api/datasets/acme/secret/commits/main",
        "/api/datasets/acme/secret/xet-read-token/main",
    )
    for path in paths:
        for token, status in ((None, 401), (STRANGER_TOKEN, 404), (READER_TOKEN, 200)):
            answer = client.get(path, headers=bearer(token) if token else {})
            assert answer.status_code == status, path
            assert status == 200 or answer.headers["X-Error-Code"] == "RepoNotFound"
    for token, count in ((None, 0), (STRANGER_TOKEN, 0), (READER_TOKEN, 1)):
        assert len(client.get("/api/datasets", headers=bearer(token) if token else {}).json()) == count


def test_a_wrong_token_is_refused_even_where_none_is_needed(client: httpx.Client) -> None:
    assert client.get("/acme/model/resolve/main/README.md", headers=bearer("hf_wrong")).status_code == 401


def test_a_gated_repository_is_known_and_its_content_is_not(client: httpx.Client) -> None:
    for path in ("/gate/model/resolve/main/a.txt", "/api/models/gate/model/xet-read-token/main"):
        for token, status in ((None, 401), (STRANGER_TOKEN, 403), (READER_TOKEN, 200), (OWNER_TOKEN, 200)):
            answer = client.get(path, headers=bearer(token) if token else {})
            assert answer.status_code == status
            assert status == 200 or answer.headers["X-Error-Code"] == "GatedRepo"
    assert client.get("/api/models/gate/model").json()["gated"] == "auto"
    assert client.get("/api/models/gate/model/tree/main").status_code == 200


def test_a_tree_comes_in_pages(client: httpx.Client) -> None:
    url: str | None = "/api/models/acme/model/tree/main?recursive=true&limit=50"
    paths: list[str] = []
    pages = 0
    while url:
        answer = client.get(url)
        paths += [row["path"] for row in answer.json()]
        url = answer.links.get("next", {}).get("url")
        pages += 1
    assert pages == 3
    assert paths == sorted([*FILES, "README.md", ".gitattributes", "data", "weights", "weights/big.bin"])


def test_a_folder_lists_what_is_in_it(client: httpx.Client) -> None:
    rows = client.get("/api/models/acme/model/tree/main").json()
    assert [(row["type"], row["path"]) for row in rows] == [
        ("file", ".gitattributes"), ("file", "README.md"), ("directory", "data"), ("directory", "weights"),
    ]  # fmt: skip
    (big,) = client.get("/api/models/acme/model/tree/main/weights").json()
    assert big["lfs"]["size"] == big["size"] == len(BIG)
    assert len(big["xetHash"]) == 64
    missing = client.get("/api/models/acme/model/tree/main/none")
    assert (missing.status_code, missing.headers["X-Error-Code"]) == (404, "EntryNotFound")


@pytest.mark.parametrize("query", ["limit=x", "limit=99999999", "limit=-1", "limit=%C2%B2"])
def test_a_limit_that_is_no_number_is_refused(client: httpx.Client, query: str) -> None:
    assert client.get(f"/api/models/acme/model/tree/main?{query}").status_code == 400


def test_paths_are_told_of(client: httpx.Client) -> None:
    url = "/api/models/acme/model/paths-info/main"
    paths = {"paths": ["README.md", "data", "x"]}
    for answer in (client.post(url, json=paths), client.post(url, data=paths)):
        assert [row["path"] for row in answer.json()] == ["README.md", "data"]


def test_info_lists_the_files(client: httpx.Client) -> None:
    info = client.get("/api/models/acme/model?blobs=true").json()
    assert info["id"] == info["modelId"] == "acme/model"
    siblings = {each["rfilename"]: each for each in info["siblings"]}
    assert siblings["weights/big.bin"]["lfs"]["size"] == len(BIG)
    assert siblings["README.md"]["size"] == 5
    assert client.get(f"/api/models/acme/model/revision/{info['sha']}").json()["sha"] == info["sha"]


def test_history_tells_who_changed_what(client: httpx.Client) -> None:
    place = "models/acme/history"
    client.post("/api/repos/create", json={"name": "acme/history"}, headers=OWNER)
    ids = [
        commit(client, place, put("a", bytes([65 + n])), put(f"b{n}", b"x")).json()["commitOid"]
        for n in range(3)
    ]
    listed = client.get(f"/api/{place}/commits/main?limit=2")
    assert [each["id"] for each in listed.json()] == ids[:0:-1]
    older = client.get(listed.links["next"]["url"]).json()
    assert next(each["id"] for each in older) == ids[0]
    rows = {row["path"]: row for row in client.get(f"/api/{place}/tree/main?expand=true").json()}
    assert rows["a"]["lastCommit"]["id"] == ids[2]
    assert rows["b0"]["lastCommit"]["id"] == ids[0]


def test_a_commit_on_an_old_parent_is_refused(client: httpx.Client) -> None:
    place = "models/acme/races"
    client.post("/api/repos/create", json={"name": "acme/races"}, headers=OWNER)
    first = client.get(f"/api/{place}").json()["sha"]
    assert commit(client, place, put("a", b"1"), parentCommit=first).status_code == 200
    assert commit(client, place, put("a", b"2"), parentCommit=first).status_code == 412
    assert client.get("/acme/races/resolve/main/a").content == b"1"


def test_a_commit_is_all_or_nothing(client: httpx.Client) -> None:
    before = client.get("/api/models/acme/model").json()["sha"]
    missing = {"key": "lfsFile", "value": {"path": "w", "algo": "sha256", "oid": "0" * 64}}
    assert commit(client, "models/acme/model", put("new", b"x"), missing).status_code == 400
    assert client.get("/api/models/acme/model").json()["sha"] == before
    assert commit(client, "models/acme/model", put("new", b"x"), revision="none").status_code == 404


@pytest.mark.parametrize(("token", "status"), [(None, 401), (STRANGER_TOKEN, 403), (READER_TOKEN, 403)])
def test_who_may_not_write_changes_nothing(client: httpx.Client, token: str | None, status: int) -> None:
    headers = bearer(token) if token else {}
    place = "/api/models/acme/model"
    asked = [
        client.post(f"{place}/commit/main", content=b"", headers=headers),
        client.post(f"{place}/preupload/main", json={"files": []}, headers=headers),
        client.put(f"{place}/settings", json={"private": True}, headers=headers),
        client.post(f"{place}/branch/b", json={}, headers=headers),
        client.delete(f"{place}/branch/feature%2Fx", headers=headers),
        client.post(f"{place}/tag/main", json={"tag": "t"}, headers=headers),
        client.post("/api/repos/create", json={"name": "acme/new"}, headers=headers),
        client.request("DELETE", "/api/repos/delete", json={"name": "acme/model"}, headers=headers),
        client.post(
            "/acme/model.git/info/lfs/objects/batch",
            json={"operation": "upload", "objects": []},
            headers=headers,
        ),
    ]
    assert [each.status_code for each in asked] == [status] * len(asked)


def test_content_of_a_private_repository_is_not_had_by_its_sha256(
    client: httpx.Client, hub: RunningHub
) -> None:
    hub.upload("acme/hidden", {"w.bin": BIG[::-1]}, private=True)
    (found,) = hub.api().get_paths_info("acme/hidden", ["w.bin"])
    client.post("/api/repos/create", json={"name": "stranger/copy"}, headers=OWNER)
    line = {"key": "lfsFile", "value": {"path": "w", "algo": "sha256", "oid": found.lfs.sha256}}
    assert commit(client, "models/stranger/copy", line).status_code == 400
    # Who may read it may copy it, and then commit it.
    asked = {"target": {"type": "model", "name": "stranger/copy"}, "files": [{"sha256": found.lfs.sha256}]}
    url = "/api/models/acme/hidden/lfs-files/duplicate"
    for token, status in ((STRANGER_TOKEN, 404), (READER_TOKEN, 403), (OWNER_TOKEN, 200)):
        answer = client.post(url, json=asked, headers=bearer(token))
        assert answer.status_code == status
    assert answer.json() == {"failed": []}
    assert commit(client, "models/stranger/copy", line).status_code == 200
    unknown = {**asked, "files": [{"sha256": "0" * 64}]}
    assert len(client.post(url, json=unknown, headers=OWNER).json()["failed"]) == 1


def test_a_repository_is_made_once_and_removed(client: httpx.Client) -> None:
    made = [client.post("/api/repos/create", json={"name": "acme/brief"}, headers=OWNER) for _ in range(2)]
    assert [each.status_code for each in made] == [200, 409]
    assert made[1].json()["url"].endswith("/acme/brief")
    gone = client.request("DELETE", "/api/repos/delete", json={"name": "acme/brief"}, headers=OWNER)
    assert gone.status_code == 200
    assert client.get("/api/models/acme/brief", headers=OWNER).status_code == 404
    assert client.post("/api/repos/create", json={"name": "acme/brief"}, headers=OWNER).status_code == 200


@pytest.mark.parametrize("name", ["../x", "acme/..", "acme/a b", "", "acme/.x", "api/x", "a/b/c"])
def test_a_repository_of_no_name_is_not_made(client: httpx.Client, name: str) -> None:
    assert client.post("/api/repos/create", json={"name": name}, headers=OWNER).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"name":1}', b"\xff"])
def test_a_body_that_cannot_be_read_is_refused(client: httpx.Client, body: bytes) -> None:
    assert client.post("/api/repos/create", content=body, headers=OWNER).status_code == 400


def test_whoami_tells_of_the_token(client: httpx.Client) -> None:
    told = client.get("/api/whoami-v2", headers=bearer(READER_TOKEN)).json()
    assert (told["name"], told["auth"]["accessToken"]["role"]) == ("reader", "read")
    assert client.get("/api/whoami-v2").status_code == 401


def test_a_redirect_leads_to_the_content_by_its_own_right(client: httpx.Client, hub: RunningHub) -> None:
    hub.settings.redirects_to = hub.base
    try:
        answer = client.get("/acme/model/resolve/main/weights/big.bin")
    finally:
        hub.settings.redirects_to = ""
    assert answer.status_code == 302
    assert answer.headers["X-Linked-Size"] == str(len(BIG))
    location = answer.headers["Location"]
    assert client.get(location).content == BIG
    assert client.get(location, headers={"Range": "bytes=5-6"}).content == BIG[5:7]
    assert client.get(location.replace("about=", "about=1")).status_code == 403
