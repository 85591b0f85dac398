"""What a known proxy for these downloads gets wrong, and this one must not: a test for each."""

from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from offing.xet.hub.faults import Rule
from tests.contract.xet.content import BRANCH, DATA, FILES, MODEL, PRIVATE, PUBLIC, SECRET, SHORT, sha256
from tests.xet.hub_fixture import READER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, running_proxy


@pytest.mark.parametrize("path", ["other/model.bin", "model.bin", "other/model.bin.index"])
def test_a_name_within_another_name_picks_no_other_file(client: httpx.Client, path: str) -> None:
    assert client.get(f"/download/{PUBLIC}/{path}").content == FILES[path]


def test_part_of_a_name_is_no_name(client: httpx.Client) -> None:
    for part in ("model", "del.bin", "bin", "other"):
        assert client.get(f"/download/{PUBLIC}/{part}").status_code == 404


def test_files_in_folders_are_found(client: httpx.Client) -> None:
    path = "lists/resolve/paths-info/a.txt"
    assert client.get(f"/download/{PUBLIC}/{path}").content == FILES[path]


def test_the_store_is_asked_with_a_token_for_the_repository_that_has_the_file(
    uncached: RunningProxy, calm_hub: RunningHub
) -> None:
    with uncached.client(READER_TOKEN) as client:
        assert client.get(f"/download/{PRIVATE}/secret.bin").content == SECRET["secret.bin"]
        assert client.get(f"/download/{PUBLIC}/model.bin").content == MODEL
    asked = [each.path.split("/")[3:5] for each in calm_hub.log.of("token")]
    assert ["/".join(each) for each in asked] == [PRIVATE, PUBLIC]


def test_no_success_is_told_before_the_other_side_has_answered(
    uncached: RunningProxy, calm_hub: RunningHub
) -> None:
    calm_hub.set_faults(Rule(what="status", on="xorb", status=403))
    with uncached.client() as client:
        response = client.get(f"/download/{PUBLIC}/model.bin")
    assert response.status_code == 502


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_a_failure_midway_looks_like_none_of_the_good_ends(
    uncached: RunningProxy, calm_hub: RunningHub, tmp_path: Path
) -> None:
    content = random.Random(43).randbytes(2_900_000)  # noqa: S311  the same bytes in every run
    calm_hub.upload("acme/midway", {"f.bin": content})
    calm_hub.set_faults(Rule(what="flip", on="xorb", at=2_000_000))
    url = f"{uncached.base}/download/acme/midway/f.bin"
    for version in ("--http1.1", "--http1.0"):
        done = subprocess.run(
            [shutil.which("curl") or "", "-s", version, "-o", str(tmp_path / "x"), url], check=False
        )
        assert done.returncode == 18, version


def test_length_etag_ranges_and_head_are_there_and_the_name_is_the_files(client: httpx.Client) -> None:
    head = client.head(f"/download/{PUBLIC}/model.bin")
    assert head.headers["content-length"] == str(len(MODEL))
    assert head.headers["etag"] == f'"{sha256(MODEL)}"'
    assert head.headers["accept-ranges"] == "bytes"
    assert "model.bin" in head.headers["content-disposition"]
    some = client.get(f"/download/{PUBLIC}/model.bin", headers={"Range": "bytes=1000-"})
    assert (some.status_code, some.content) == (206, MODEL[1000:])


def test_data_sets_spaces_and_revisions_are_served(client: httpx.Client) -> None:
    for path in DATA:
        assert client.get(f"/download/datasets/{PUBLIC}/{path}").content == DATA[path]
    assert client.get(f"/download/spaces/{PUBLIC}/app.py").content == b"print()\n"
    assert client.get(f"/download/{PUBLIC}/model.bin?revision={BRANCH}").content == SHORT


def test_failures_have_their_own_status_and_tell_nothing_of_the_inside(client: httpx.Client) -> None:
    told = {
        path: client.get(path)
        for path in (f"/download/{PUBLIC}/none", f"/download/{PRIVATE}/secret.bin", "/download/acme/..%2f/x")
    }
    assert [each.status_code for each in told.values()] == [404, 401, 422]
    for each in told.values():
        assert not {"stderr", "trace", "exception"} & each.json().keys()


def test_a_file_is_fetched_once_and_served_again_from_here(
    uncached: RunningProxy, calm_hub: RunningHub
) -> None:
    with uncached.client() as client:
        assert client.get(f"/download/{PUBLIC}/model.bin").content == MODEL
        calm_hub.set_faults(Rule(what="status", on="xorb"), Rule(what="status", on="reconstruction"))
        assert client.get(f"/download/{PUBLIC}/model.bin").content == MODEL


def test_tokens_for_the_store_that_end_are_asked_for_anew(tmp_path: Path) -> None:
    content = random.Random(41).randbytes(16_000_000)  # noqa: S311  the same bytes in every run
    with running_hub(tmp_path, settings={"token_seconds": 3600.0}) as hub:
        hub.upload("acme/model", {"model.bin": content})
        hub.settings.token_seconds = hub.settings.url_seconds = 1
        hub.set_faults(megabytes_per_second=2.0)
        hub.log.clear()
        with running_proxy(hub, tmp_path / "cache") as proxy, proxy.client() as client:
            assert client.get("/download/acme/model/model.bin").content == content
    assert len(hub.log.of("token")) > 1


def test_a_wrong_content_is_no_success(uncached: RunningProxy, calm_hub: RunningHub) -> None:
    content = random.Random(42).randbytes(700_000)  # noqa: S311  the same bytes in every run
    calm_hub.upload("acme/wrong", {"f.bin": content})
    calm_hub.set_faults(Rule(what="flip", on="xorb", at=300_000))
    # A cut connection tells it as well.
    with uncached.client() as client, suppress(httpx.RemoteProtocolError):
        assert client.get("/download/acme/wrong/f.bin").status_code == 502
