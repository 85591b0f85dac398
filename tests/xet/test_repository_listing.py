"""What is in a repository, and how much of it is here."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.xet.content import DATA, FILES, MODEL, PRIVATE, PUBLIC, SECRET, sha256
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub
from tests.xet.proxy_fixture import RunningProxy, until


def test_it_lists_every_file_with_its_size_and_hashes(client: httpx.Client, calm_hub: RunningHub) -> None:
    body = client.get(f"/repos/{PUBLIC}").json()
    told = {file["path"]: file for file in body["files"]}
    assert told.keys() == {*FILES, ".gitattributes"}
    for path, content in FILES.items():
        assert told[path]["bytes"] == len(content)
    assert told["model.bin"]["sha256"] == sha256(MODEL)
    assert told["model.bin"]["xet_hash"] == calm_hub.xet_hash(PUBLIC, "model.bin")
    assert told["config.json"]["xet_hash"] is told["config.json"]["sha256"] is None
    assert body["bytes"] == sum(file["bytes"] for file in body["files"])
    assert body["commit"] == calm_hub.api().model_info(PUBLIC).sha
    assert (body["kind"], body["repository"], body["truncated"]) == ("models", PUBLIC, False)


def test_it_tells_what_is_cached(uncached: RunningProxy) -> None:
    with uncached.client() as client:
        before = client.get(f"/repos/{PUBLIC}").json()
        assert (before["cached_bytes"], before["cached_share"]) == (0, 0.0)
        assert client.get(f"/download/{PUBLIC}/model.bin").content == MODEL
        until(lambda: uncached.metric("offing_xet_cache_entries") == 1)
        after = client.get(f"/repos/{PUBLIC}").json()
    assert after["cached_bytes"] == len(MODEL)
    assert [file["path"] for file in after["files"] if file["cached"]] == ["model.bin"]
    assert after["cached_share"] == round(len(MODEL) / after["bytes"], 4)


@pytest.mark.parametrize(
    ("path", "files"),
    [
        (f"/repos/datasets/{PUBLIC}", {*DATA, ".gitattributes"}),
        (f"/repos/{PUBLIC}/other", {"other/model.bin", "other/model.bin.index"}),
        (f"/repos/{PUBLIC}/lists/resolve", {"lists/resolve/paths-info/a.txt"}),
        (f"/repos/spaces/{PUBLIC}/", {"app.py", ".gitattributes", "README.md"}),
    ],
)
def test_it_lists_data_sets_spaces_and_folders(client: httpx.Client, path: str, files: set[str]) -> None:
    assert {file["path"] for file in client.get(path).json()["files"]} - {"README.md"} == files - {
        "README.md"
    }


def test_it_lists_what_is_private_for_who_may_see_it(proxy: RunningProxy) -> None:
    with proxy.client(OWNER_TOKEN) as client:
        body = client.get(f"/repos/{PRIVATE}").json()
    assert {file["path"] for file in body["files"]} == {*SECRET, ".gitattributes"}
    assert body["private"] is True
    assert body["gated"] is False


def test_pages_of_the_hub_are_put_together(client: httpx.Client, calm_hub: RunningHub) -> None:
    commit = calm_hub.upload("acme/many", {f"f{number:04}.txt": b"x" for number in range(1205)})
    body = client.get(f"/repos/acme/many?revision={commit}").json()
    assert len(body["files"]) == 1206
    assert len([each for each in calm_hub.log.of("tree") if each.method == "GET"]) >= 2
