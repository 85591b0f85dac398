"""The service in the hub's place: what its clients ask for, and the clients themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.xet.content import BRANCH, FILES, MODEL, PRIVATE, PUBLIC, SECRET, SHORT, sha256
from tests.xet.hub_fixture import OWNER_TOKEN


def test_head_of_a_file_tells_what_clients_need_and_nothing_of_xet(held: httpx.Client) -> None:
    told = held.head(f"/{PUBLIC}/resolve/main/model.bin")
    assert told.status_code == 200
    assert told.headers["x-linked-etag"] == f'"{sha256(MODEL)}"'
    assert told.headers["x-linked-size"] == told.headers["content-length"] == str(len(MODEL))
    assert len(told.headers["x-repo-commit"]) == 40
    assert "x-xet-hash" not in told.headers
    assert "xet-auth" not in told.headers.get("link", "")


def test_a_file_comes_whole_and_in_ranges_at_an_encoded_revision(held: httpx.Client) -> None:
    path = f"/{PUBLIC}/resolve/{BRANCH.replace('/', '%2F')}/model.bin"
    assert held.get(path).content == SHORT
    assert held.get(path, headers={"Range": "bytes=7-"}).content == SHORT[7:]


def test_a_listing_leads_from_page_to_page_here(held: httpx.Client) -> None:
    found: list[str] = []
    page = f"/api/models/{PUBLIC}/tree/main?recursive=true&limit=4"
    while page:
        response = held.get(page)
        assert response.status_code == 200
        found += [row["path"] for row in response.json() if row["type"] == "file"]
        page = response.links.get("next", {}).get("url", "")
        assert not page or httpx.URL(page).host == held.base_url.host
    assert set(found) == {*FILES, ".gitattributes"}


def test_paths_are_asked_about(held: httpx.Client) -> None:
    asked = {"paths": ["model.bin", "none"]}
    (row,) = held.post(f"/api/models/{PUBLIC}/paths-info/main", json=asked).json()
    assert (row["path"], row["size"]) == ("model.bin", len(MODEL))


def test_a_refusal_of_the_hub_keeps_its_words(held: httpx.Client) -> None:
    response = held.get(f"/api/models/{PUBLIC}/tree/none")
    assert response.status_code == 404
    assert response.headers["x-error-code"] == "RevisionNotFound"


@pytest.fixture
def api(held: httpx.Client, base_url: str) -> Any:
    """The real client, with this server for its hub."""
    del held
    from huggingface_hub import HfApi

    return HfApi(endpoint=base_url, token=OWNER_TOKEN)


def test_the_real_client_downloads_a_repository(api: Any, tmp_path: Path) -> None:
    folder = Path(api.snapshot_download(PUBLIC, cache_dir=tmp_path / "cache"))
    for path, content in FILES.items():
        assert (folder / path).read_bytes() == content


def test_the_real_client_downloads_a_private_file_with_its_token(api: Any, tmp_path: Path) -> None:
    got = api.hf_hub_download(PRIVATE, "secret.bin", cache_dir=tmp_path / "cache")
    assert Path(got).read_bytes() == SECRET["secret.bin"]


def test_the_real_client_tells_what_is_missing_apart(api: Any, tmp_path: Path) -> None:
    from huggingface_hub import errors

    for error, asked in (
        (errors.RemoteEntryNotFoundError, {"repo_id": PUBLIC, "filename": "none"}),
        (errors.RevisionNotFoundError, {"repo_id": PUBLIC, "filename": "model.bin", "revision": "none"}),
        (errors.RepositoryNotFoundError, {"repo_id": "acme/none", "filename": "model.bin"}),
    ):
        with pytest.raises(error):
            api.hf_hub_download(**asked, cache_dir=tmp_path / "cache")
