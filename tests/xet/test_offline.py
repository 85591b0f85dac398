"""Offline: what is cached is served, verified, to those who had it before, and nobody is asked anything."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, running_proxy, until

SOURCE = random.Random(41)  # noqa: S311  the same bytes in every run
MODEL = SOURCE.randbytes(3_000_000)
SECRET = SOURCE.randbytes(400_000)
CONFIG = b'{"layers": 3}\n'
FILES = {"model.bin": MODEL, "config.json": CONFIG, "empty.txt": b"", "deep/er.bin": MODEL[:300_000]}
OPEN, HIDDEN, DATA = "acme/open", "acme/hidden", "acme/data"
OFFLINE = {"OFFING_XET_OFFLINE": "true"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        running.upload(OPEN, FILES)
        running.upload(OPEN, {"never-asked.bin": MODEL[:100_000]})
        running.upload(HIDDEN, {"secret.bin": SECRET, "config.json": CONFIG}, private=True)
        running.upload(DATA, {"a.parquet": MODEL[5:200_000]}, "datasets")
        yield running


@pytest.fixture(scope="module")
def cache(hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that an online service has filled."""
    folder = tmp_path_factory.mktemp("cache") / "xet"
    with running_proxy(hub, folder) as proxy:
        snapshot(proxy, tmp_path_factory.mktemp("home"), OPEN, None, "-never-asked.bin")
        with proxy.client() as client:
            for path in (*FILES, "README.md"):
                client.get(f"/download/{OPEN}/{path}")
            client.get(f"/download/datasets/{DATA}/a.parquet")
            assert client.get(f"/download/{HIDDEN}/secret.bin").status_code == 401
        with proxy.client(OWNER_TOKEN) as client:
            for path in ("secret.bin", "config.json"):
                assert client.get(f"/download/{HIDDEN}/{path}").status_code == 200
            assert client.get(f"/api/models/{HIDDEN}").status_code == 200
            xet_hash = hub.xet_hash(HIDDEN, "secret.bin")
            assert client.get(f"/download-hash/{xet_hash}?repo={HIDDEN}").content == SECRET
        assert proxy.metric("offing_xet_known_failures_total") == 0
    return folder


@pytest.fixture
def offline(hub: RunningHub, cache: Path) -> Iterator[RunningProxy]:
    """The service, offline; in the end the hub has been asked nothing."""
    hub.log.clear()
    with running_proxy(hub, cache, **OFFLINE) as proxy:
        yield proxy
    assert not sum(each.requests for each in hub.log.totals.values())


SNAPSHOT = """
    import hashlib, sys
    from pathlib import Path
    from huggingface_hub import snapshot_download
    folder = Path(snapshot_download(sys.argv[1], ignore_patterns=sys.argv[2].strip("-") or None))
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        print(hashlib.sha256(file.read_bytes()).hexdigest(), file.relative_to(folder))
"""


def snapshot(
    proxy: RunningProxy, home: Path, repository: str, token: str | None, but: str = "-"
) -> dict[str, str]:
    """The sha256 of each file that the real client downloads, its own cache empty; nothing where it fails."""
    environment = {
        **os.environ, "HF_HOME": str(home), "HF_ENDPOINT": proxy.base, "HF_HUB_ETAG_TIMEOUT": "5",
    } | ({"HF_TOKEN": token} if token else {})  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SNAPSHOT), repository, but],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines() if done.returncode == 0 else []
    return {path: digest for digest, path in (line.split(" ", 1) for line in lines)}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("path", FILES)
def test_what_was_had_is_had_again_verified(offline: RunningProxy, path: str) -> None:
    with offline.client() as client:
        for address in (f"/download/{OPEN}/{path}", f"/{OPEN}/resolve/main/{path}"):
            answer = client.get(address)
            assert (answer.status_code, answer.content) == (200, FILES[path])
            assert answer.headers["x-offing-verified"] == "file"
            head = client.head(address)
            assert head.headers["etag"] == answer.headers["etag"]
            assert head.headers["x-repo-commit"] == answer.headers["x-repo-commit"]
            assert client.get(address, headers={"If-None-Match": head.headers["etag"]}).status_code == 304


def test_ranges_are_verified_too(offline: RunningProxy) -> None:
    with offline.client() as client:
        path = f"/download/{OPEN}/model.bin"
        part = client.get(path, headers={"Range": "bytes=1000000-1999999"})
        assert (part.status_code, part.content) == (206, MODEL[1_000_000:2_000_000])
        assert part.headers["x-offing-verified"] == "chunks"
        assert MODEL[10:20] in client.get(path, headers={"Range": "bytes=10-19,50-59"}).content
        small = client.get(f"/download/{OPEN}/config.json", headers={"Range": "bytes=2-7"})
        assert (small.status_code, small.content) == (206, CONFIG[2:8])


def test_a_commit_serves_as_its_branch_and_data_sets_as_models(
    offline: RunningProxy, hub: RunningHub
) -> None:
    with offline.client() as client:
        head = client.head(f"/download/{OPEN}/model.bin")
        pinned = client.get(f"/download/{OPEN}/model.bin?revision={head.headers['x-repo-commit']}")
        assert pinned.content == MODEL
        assert client.get(f"/download/datasets/{DATA}/a.parquet").content == MODEL[5:200_000]
    del hub


def test_what_nobody_asked_for_is_not_cached_and_what_is_not_there_is_not_found(
    offline: RunningProxy,
) -> None:
    with offline.client() as client:
        unknown = client.get(f"/download/{OPEN}/never-asked.bin")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not-cached")
        absent = client.get(f"/{OPEN}/resolve/main/README.md")
        assert (absent.status_code, absent.headers["x-error-code"]) == (404, "EntryNotFound")
        assert client.get(f"/download/{OPEN}/model.bin?revision=other").json()["code"] == "not-cached"
        assert client.get(f"/download/{OPEN}/../../etc/passwd").status_code in {404, 422}
        assert client.get("/download/acme/op..en/model.bin").status_code == 422


def test_what_is_private_is_its_readers_and_others_cannot_tell_that_it_is_there(
    offline: RunningProxy, hub: RunningHub
) -> None:
    xet_hash = hub.xet_hash(HIDDEN, "secret.bin")
    hub.log.clear()
    hidden = [
        f"/download/{HIDDEN}/secret.bin",
        f"/{HIDDEN}/resolve/main/secret.bin",
        f"/download-hash/{xet_hash}?repo={HIDDEN}",
        f"/repos/{HIDDEN}",
        f"/api/models/{HIDDEN}",
    ]
    with offline.client(OWNER_TOKEN) as client:
        assert [client.get(path).status_code for path in hidden] == [200] * 5
        assert client.get(hidden[0]).content == client.get(hidden[2]).content == SECRET
    for token in (None, READER_TOKEN, STRANGER_TOKEN, "hf_made_up"):
        with offline.client(token) as client:
            for path in hidden:
                there = client.get(path)
                elsewhere = client.get(path.replace(HIDDEN, "acme/nothing"))
                assert there.status_code == elsewhere.status_code == 404
                assert told(there) == told(elsewhere)


def told(answer: httpx.Response) -> dict[str, str]:
    """What a problem says, but for the request's own id."""
    body: dict[str, str] = {**answer.json(), "request_id": ""}
    return body


def test_another_repository_does_not_give_what_one_has_by_its_hash(
    offline: RunningProxy, hub: RunningHub
) -> None:
    xet_hash = hub.xet_hash(HIDDEN, "secret.bin")
    hub.log.clear()
    with offline.client(OWNER_TOKEN) as client:
        assert client.get(f"/download-hash/{xet_hash}?repo={OPEN}").json()["code"] == "not-cached"


def test_a_listing_tells_what_is_known(offline: RunningProxy) -> None:
    with offline.client() as client:
        body = client.get(f"/repos/{OPEN}").json()
        files = {file["path"]: file for file in body["files"]}
        assert {path: file["bytes"] for path, file in files.items() if path in FILES} == {
            path: len(content) for path, content in FILES.items()
        }
        assert all(file["cached"] for file in files.values())
        assert body["cached_share"] == 1.0
        assert body["offline"] is body["truncated"] is True
        assert body["commit"] == client.head(f"/download/{OPEN}/model.bin").headers["x-repo-commit"]
        below = client.get(f"/repos/{OPEN}/deep").json()["files"]
        assert [file["path"] for file in below] == ["deep/er.bin"]


def test_the_real_client_takes_the_snapshot_again(offline: RunningProxy, tmp_path: Path) -> None:
    found = snapshot(offline, tmp_path / "a", OPEN, None, "-never-asked.bin")
    assert {path: sha256(content) for path, content in FILES.items()}.items() <= found.items()


def test_the_rest_of_the_api_is_not_answered(offline: RunningProxy) -> None:
    with offline.client(OWNER_TOKEN) as client:
        for path in ("/api/whoami-v2", f"/api/models/{OPEN}/xet-read-token/main", "/api/models?search=x"):
            assert client.get(path).json()["code"] == "not-cached"
        answer = client.post(f"/api/models/{OPEN}/paths-info/main", json={"paths": ["model.bin"]})
        assert answer.json()["code"] == "not-cached"


def test_no_token_for_the_store_is_ever_remembered(cache: Path) -> None:
    written = b"".join(each.read_bytes() for each in (cache / "known").iterdir() if each.is_file())
    assert OPEN.encode() in written
    for word in (b"read-token", b"accessToken", OWNER_TOKEN.encode(), b"whoami"):
        assert word not in written


def test_what_left_the_cache_is_not_cached(hub: RunningHub, tmp_path: Path) -> None:
    with running_proxy(hub, tmp_path / "xet") as proxy, proxy.client() as client:
        client.get(f"/download/{OPEN}/model.bin")
        client.get(f"/download/{OPEN}/config.json")
        until(lambda: proxy.metric("offing_xet_cache_entries") == 2)
    for entry in (tmp_path / "xet" / "entries").iterdir():
        entry.unlink()
    with running_proxy(hub, tmp_path / "xet", **OFFLINE) as proxy, proxy.client() as client:
        for path in ("model.bin", "config.json"):
            answer = client.get(f"/download/{OPEN}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-cached")
            # What the file is is known all the same: a client that has it can go on with its own.
            assert client.head(f"/download/{OPEN}/{path}").status_code == 200


def test_what_the_disk_does_not_give_back_right_never_ends_as_a_success(
    hub: RunningHub, tmp_path: Path
) -> None:
    with running_proxy(hub, tmp_path / "xet") as proxy, proxy.client() as client:
        client.get(f"/download/{OPEN}/model.bin")
        until(lambda: proxy.metric("offing_xet_cache_entries") == 1)
    (entry,) = (tmp_path / "xet" / "entries").iterdir()
    with entry.open("r+b") as file:
        file.seek(len(MODEL) - 100)
        file.write(bytes(50))
    with running_proxy(hub, tmp_path / "xet", **OFFLINE) as proxy, proxy.client() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(f"/download/{OPEN}/model.bin")
        assert client.get(f"/download/{OPEN}/model.bin").json()["code"] == "not-cached"


def test_a_part_that_was_left_is_not_taken_for_the_file(hub: RunningHub, tmp_path: Path) -> None:
    hub.set_faults(megabytes_per_second=3.0)
    with running_proxy(hub, tmp_path / "xet") as proxy, proxy.client() as client:
        with client.stream("GET", f"/download/{OPEN}/model.bin") as answer:
            pieces = answer.iter_bytes(1 << 16)
            while answer.num_bytes_downloaded < 2_000_000:
                next(pieces)
        until(lambda: proxy.metric('offing_slots_busy{engine="xet.streams"}') == 0)
    hub.set_faults()
    assert list((tmp_path / "xet" / "incoming").iterdir())
    with running_proxy(hub, tmp_path / "xet", **OFFLINE) as proxy, proxy.client() as client:
        assert client.get(f"/download/{OPEN}/model.bin").json()["code"] == "not-cached"


def test_a_right_that_the_hub_took_back_is_gone_offline_too(hub: RunningHub, tmp_path: Path) -> None:
    hub.upload("acme/changing", {"a.bin": SECRET})
    with running_proxy(hub, tmp_path / "xet") as proxy, proxy.client() as client:
        assert client.get("/download/acme/changing/a.bin").content == SECRET
        assert client.get("/api/models/acme/changing").status_code == 200
        until(lambda: proxy.metric("offing_xet_cache_entries") == 1)
        hub.api().update_repo_settings("acme/changing", private=True)
        assert client.get("/download/acme/changing/a.bin").status_code == 401
    with running_proxy(hub, tmp_path / "xet", **OFFLINE) as proxy, proxy.client() as client:
        assert client.get("/download/acme/changing/a.bin").json()["code"] == "not-cached"
        assert client.get("/api/models/acme/changing").json()["code"] == "not-cached"


def test_pages_of_a_listing_lead_to_this_service(hub: RunningHub, tmp_path: Path) -> None:
    path = f"/api/models/{OPEN}/tree/main?recursive=true&expand=false&limit=2"
    with running_proxy(hub, tmp_path / "xet") as proxy, proxy.client() as client:
        first = client.get(path, headers={"Accept-Encoding": "gzip"})
        second = client.get(first.links["next"]["url"])
        online = proxy.base
    with running_proxy(hub, tmp_path / "xet", **OFFLINE) as proxy, proxy.client() as client:
        again = client.get(path)
        assert again.json() == first.json()
        assert again.headers["content-type"] == first.headers["content-type"]
        following = again.links["next"]["url"]
        assert following == first.links["next"]["url"].replace(online, proxy.base)
        assert client.get(following).json() == second.json()


def test_health_says_so(offline: RunningProxy) -> None:
    body = httpx.get(f"{offline.base}/health", trust_env=False).json()
    assert body["status"] == "ok"
    assert body["offline"] is True
