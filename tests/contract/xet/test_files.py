"""Files of models, data sets and spaces: whole, in ranges, under conditions."""

from __future__ import annotations

import re
import time
from urllib.parse import quote, unquote

import httpx
import pytest

from tests.contract.asking import PATIENCE
from tests.contract.xet.asking import bearer, parts, refusal
from tests.contract.xet.content import (
    APP,
    BEHIND_A_GATE,
    BRANCH,
    DATA,
    FILES,
    GATED,
    MODEL,
    NAME,
    PRIVATE,
    PUBLIC,
    REFERENCE,
    SECRET,
    SHORT,
    sha256,
)
from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN

PATH = f"/download/{PUBLIC}/model.bin"
TAG, SIZE = f'"{sha256(MODEL)}"', len(MODEL)


def test_a_file_comes_whole_with_what_is_known_of_it(held: httpx.Client) -> None:
    response = held.get(PATH)
    assert response.status_code == 200
    assert response.content == MODEL
    told = response.headers
    assert told["content-length"] == str(SIZE)
    assert told["etag"] == TAG
    assert told["accept-ranges"] == "bytes"
    assert told["x-offing-verified"] == "file"
    assert told["content-disposition"] == 'attachment; filename="model.bin"'
    assert re.fullmatch(r"[0-9a-f]{40}", told["x-repo-commit"])
    assert told["last-modified"].endswith(" GMT")


def test_a_revision_without_a_name_is_the_one_that_is_not_given(held: httpx.Client) -> None:
    assert held.get(PATH, params={"revision": ""}).content == MODEL


@pytest.mark.parametrize("path", FILES)
def test_every_file_is_there_and_head_tells_its_size(held: httpx.Client, path: str) -> None:
    url = f"/download/{PUBLIC}/{quote(path)}"
    assert held.get(url).content == FILES[path]
    head = held.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(FILES[path]))


def test_a_name_outside_ascii_is_told_as_it_is(held: httpx.Client) -> None:
    told = held.head(f"/download/{PUBLIC}/{quote(NAME)}").headers["content-disposition"]
    assert unquote(told.partition("filename*=UTF-8''")[2]) == NAME.rpartition("/")[2]


def test_data_sets_and_spaces_are_served(held: httpx.Client) -> None:
    for path, content in DATA.items():
        assert held.get(f"/download/datasets/{PUBLIC}/{path}").content == content
    assert held.get(f"/download/spaces/{PUBLIC}/app.py").content == APP["app.py"]


def test_a_revision_may_be_a_branch_a_reference_or_a_commit(held: httpx.Client) -> None:
    at_branch = held.get(PATH, params={"revision": BRANCH})
    assert at_branch.content == SHORT
    assert held.get(PATH, params={"revision": at_branch.headers["x-repo-commit"]}).content == SHORT
    assert held.get(f"/download/{PUBLIC}/config.json", params={"revision": REFERENCE}).content == b"{}\n"


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [("bytes=0-9", 0, 10), ("bytes=-5", SIZE - 5, SIZE), ("bytes=3000000-", 3_000_000, SIZE)],
)
def test_a_range_is_the_bytes_that_it_names(held: httpx.Client, asked: str, first: int, end: int) -> None:
    response = held.get(PATH, headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == MODEL[first:end]
    assert response.headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert response.headers["x-offing-verified"] in {"no", "chunks"}


def test_ranges_of_a_file_that_was_served_whole_are_verified(held: httpx.Client) -> None:
    assert held.get(PATH).content == MODEL
    deadline = time.monotonic() + PATIENCE
    while held.get(PATH, headers={"Range": "bytes=5-9"}).headers["x-offing-verified"] != "chunks":
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_several_ranges_come_as_parts(held: httpx.Client) -> None:
    response = held.get(PATH, headers={"Range": "bytes=0-4, 100-199, -3"})
    assert response.status_code == 206
    assert parts(response) == [
        (f"bytes 0-4/{SIZE}", MODEL[:5]),
        (f"bytes 100-199/{SIZE}", MODEL[100:200]),
        (f"bytes {SIZE - 3}-{SIZE - 1}/{SIZE}", MODEL[-3:]),
    ]


def test_a_range_that_is_not_there_is_416(held: httpx.Client) -> None:
    for asked in (f"bytes={SIZE}-", "bytes=-0", "bytes=" + ",".join(["0-0"] * 17)):
        response = held.get(PATH, headers={"Range": asked})
        refusal(response, 416, "range-not-satisfiable")
        assert response.headers["content-range"] == f"bytes */{SIZE}"


def test_what_the_client_has_is_not_sent_again(held: httpx.Client) -> None:
    response = held.get(PATH, headers={"If-None-Match": f'"x", W/{TAG}'})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == TAG
    assert held.get(PATH, headers={"If-None-Match": '"x"'}).content == MODEL


def test_a_download_goes_on_only_where_the_file_is_the_same(held: httpx.Client) -> None:
    rest = held.get(PATH, headers={"Range": "bytes=4000000-", "If-Range": TAG})
    assert (rest.status_code, rest.content) == (206, MODEL[4_000_000:])
    whole = held.get(PATH, headers={"Range": "bytes=4000000-", "If-Range": '"x"'})
    assert (whole.status_code, whole.content) == (200, MODEL)
    refusal(held.get(PATH, headers={"If-Match": '"x"'}), 412, "changed")


def test_a_file_comes_by_its_hash(held: httpx.Client) -> None:
    listed = held.get(f"/repos/{PUBLIC}").json()["files"]
    told = next(file["xet_hash"] for file in listed if file["path"] == "model.bin")
    response = held.get(f"/download-hash/{told}", params={"repo": PUBLIC})
    assert response.content == MODEL
    assert response.headers["etag"] == f'"xet-{told}"'


def test_private_and_gated_files_are_for_those_who_may_read_them(held: httpx.Client) -> None:
    private, gated = f"/download/{PRIVATE}/secret.bin", f"/download/{BEHIND_A_GATE}/gated.bin"
    assert held.get(private, headers=bearer(OWNER_TOKEN)).content == SECRET["secret.bin"]
    assert held.get(gated, headers=bearer(READER_TOKEN)).content == GATED["gated.bin"]


def test_a_listing_tells_sizes_hashes_and_what_is_cached(held: httpx.Client) -> None:
    assert held.get(PATH).content == MODEL
    body = held.get(f"/repos/{PUBLIC}").json()
    told = {file["path"]: file for file in body["files"]}
    assert told.keys() == {*FILES, ".gitattributes"}
    assert told["model.bin"]["bytes"] == SIZE
    assert told["model.bin"]["sha256"] == sha256(MODEL)
    assert 0 <= body["cached_share"] <= 1
