"""A file as an HTTP answer: its headers, its ranges, its conditions (RFC 9110)."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import httpx
import pytest

from offing.xet.answers import disposition
from tests.contract.xet.asking import parts
from tests.contract.xet.content import (
    BRANCH,
    CONFIG,
    FILES,
    MODEL,
    NAME,
    NAMED,
    PUBLIC,
    REFERENCE,
    SHORT,
    sha256,
)
from tests.xet.hub_fixture import RunningHub
from tests.xet.proxy_fixture import RunningProxy, until

MODEL_PATH = f"/download/{PUBLIC}/model.bin"
TAG = f'"{sha256(MODEL)}"'
SIZE = len(MODEL)


def get(client: httpx.Client, path: str = MODEL_PATH, **headers: str) -> httpx.Response:
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def stock(client: httpx.Client) -> None:
    """Have the model in the cache; it gets there when the client already has it."""
    assert get(client).content == MODEL
    until(lambda: get(client, Range="bytes=0-0").headers["x-offing-verified"] == "chunks")


def test_a_whole_file_comes_with_all_that_is_known_of_it(client: httpx.Client, calm_hub: RunningHub) -> None:
    response = get(client)
    assert response.status_code == 200
    assert response.content == MODEL
    told = response.headers
    assert told["content-length"] == str(SIZE)
    assert told["etag"] == TAG
    assert told["accept-ranges"] == "bytes"
    assert told["x-repo-commit"] == calm_hub.api().model_info(PUBLIC).sha
    assert told["x-offing-verified"] == "file"
    assert told["content-disposition"] == 'attachment; filename="model.bin"'
    assert told["content-type"] == "application/octet-stream"
    assert told["x-content-type-options"] == "nosniff"
    assert told["cache-control"] == "private, no-cache"
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", told["last-modified"])
    assert "transfer-encoding" not in told


@pytest.mark.parametrize("path", FILES)
def test_head_tells_what_get_would_and_sends_nothing(client: httpx.Client, path: str) -> None:
    url = f"/download/{PUBLIC}/{quote(path)}"
    head, whole = client.head(url), client.get(url)
    assert head.status_code == 200
    assert head.content == b""
    assert whole.content == FILES[path]
    differing = {"x-request-id", "server-timing", "date"}
    assert {name: value for name, value in head.headers.items() if name not in differing} == {
        name: value for name, value in whole.headers.items() if name not in differing
    }


def test_head_fetches_no_content(uncached: RunningProxy, calm_hub: RunningHub) -> None:
    with uncached.client() as client:
        assert client.head(MODEL_PATH).headers["content-length"] == str(SIZE)
    assert calm_hub.log.totals["xorb"].requests == calm_hub.log.totals["reconstruction"].requests == 0


def test_a_small_file_has_the_etag_of_git_and_is_compared_with_it(client: httpx.Client) -> None:
    response = get(client, f"/download/{PUBLIC}/config.json")
    assert response.content == CONFIG
    assert re.fullmatch(r'"[0-9a-f]{40}"', response.headers["etag"])
    assert response.headers["x-offing-verified"] == "file"


def test_a_name_outside_ascii_comes_whole(client: httpx.Client) -> None:
    response = get(client, f"/download/{PUBLIC}/{quote(NAME)}")
    assert response.content == NAMED
    told = response.headers["content-disposition"]
    name = NAME.rpartition("/")[2]
    assert unquote(told.partition("filename*=UTF-8''")[2]) == name
    plain = re.search(r'filename="([^"]*)"', told)
    assert plain is not None
    assert plain[1] == "_t_ _ __ 100%.bin"


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\tb", "é", "\u2028", 'x"; filename=evil.exe'])
def test_no_name_leaves_its_quotes(name: str) -> None:
    told = disposition(name)
    assert told.isascii()
    assert told.isprintable()
    assert told.partition("filename*=")[0].count('"') == 2
    assert unquote(told.partition("filename*=UTF-8''")[2]) == name


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-100", 5, 101),
        ("bytes=0-", 0, SIZE),
        ("bytes=-7", SIZE - 7, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        (f"bytes=1000-{10**18}", 1000, SIZE),
        (f"bytes=-{10**30}", 0, SIZE),
        ("Bytes = 2000000 - 2000001", 2_000_000, 2_000_002),
    ],
)
@pytest.mark.parametrize("cached", [True, False], ids=["cached", "uncached"])
def test_a_range_is_the_bytes_that_it_names(
    request: pytest.FixtureRequest, asked: str, first: int, end: int, *, cached: bool
) -> None:
    proxy: RunningProxy = request.getfixturevalue("proxy" if cached else "uncached")
    with proxy.client() as client:
        if cached:
            stock(client)
        response = get(client, Range=asked)
    assert response.status_code == 206
    assert response.content == MODEL[first:end]
    assert response.headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert response.headers["content-length"] == str(end - first)
    whole = end - first == SIZE
    assert response.headers["x-offing-verified"] == ("file" if whole else "chunks" if cached else "no")


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,x", "bytes=", "items=0-1", "0-1", "bytes=0-1-2",
     "bytes=\u0660-", "bytes=,", "bytes=0-5" + "," * 2000, "bytes=0x1-0x2", "bytes=+1-2", "bytes=1.0-2"],
)  # fmt: skip
def test_what_is_no_range_gets_the_whole_file(client: httpx.Client, asked: str) -> None:
    response = client.get(MODEL_PATH, headers=[(b"Range", asked.encode())])
    assert response.status_code == 200
    assert response.content == MODEL


@pytest.mark.parametrize(
    "asked",
    [f"bytes={SIZE}-", "bytes=-0", f"bytes={10**30}-", f"bytes={10**400}-{10**401}",
     "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 34, 2)), f"bytes={SIZE}-,{SIZE + 5}-"],
)  # fmt: skip
def test_a_range_that_the_file_does_not_have_is_416_with_its_size(client: httpx.Client, asked: str) -> None:
    response = get(client, Range=asked)
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{SIZE}"
    assert response.json()["code"] == "range-not-satisfiable"


def test_an_empty_file_is_empty_and_has_no_range(client: httpx.Client) -> None:
    path = f"/download/{PUBLIC}/empty.txt"
    whole = get(client, path)
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", "0")
    assert get(client, path, Range="bytes=0-").status_code == 416


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "uncached"])
def test_several_ranges_come_as_parts_in_the_order_asked(
    request: pytest.FixtureRequest, *, cached: bool
) -> None:
    proxy: RunningProxy = request.getfixturevalue("proxy" if cached else "uncached")
    spans = [(5, 10), (3_000_000, 3_600_000), (20, 24), (SIZE - 3, SIZE)]
    asked = "bytes=" + ", ".join(f"{first}-{end - 1}" for first, end in spans)
    with proxy.client() as client:
        if cached:
            stock(client)
        response = get(client, Range=asked)
    assert response.status_code == 206
    assert response.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert int(response.headers["content-length"]) == len(response.content)
    assert "content-range" not in response.headers
    assert parts(response) == [(f"bytes {first}-{end - 1}/{SIZE}", MODEL[first:end]) for first, end in spans]
    assert response.headers["x-offing-verified"] == ("chunks" if cached else "no")


def test_of_several_ranges_those_beyond_the_end_are_left_out(client: httpx.Client) -> None:
    response = get(client, Range=f"bytes=1-2,{SIZE}-")
    assert response.headers["content-range"] == f"bytes 1-2/{SIZE}"
    assert response.content == MODEL[1:3]


def test_ranges_that_overlap_come_as_asked_unless_they_are_more_than_the_file(client: httpx.Client) -> None:
    response = get(client, Range="bytes=0-9,5-14")
    assert [content for _, content in parts(response)] == [MODEL[:10], MODEL[5:15]]
    more = get(client, Range=f"bytes=0-,-{SIZE}")
    assert (more.status_code, more.content) == (200, MODEL)


def test_head_knows_no_ranges(client: httpx.Client) -> None:
    for asked in ("bytes=0-1", f"bytes={SIZE}-"):
        response = client.head(MODEL_PATH, headers={"Range": asked})
        assert response.status_code == 200
        assert response.headers["content-length"] == str(SIZE)


@pytest.mark.parametrize("condition", [TAG, "last-modified"])
def test_a_range_of_the_file_as_it_was_is_sent_on(client: httpx.Client, condition: str) -> None:
    condition = client.head(MODEL_PATH).headers.get(condition, condition)
    response = get(client, Range="bytes=9-", If_Range=condition)
    assert (response.status_code, response.content) == (206, MODEL[9:])


@pytest.mark.parametrize(
    "condition", ['"other"', f"W/{TAG}", "Mon, 01 Jan 2001 00:00:00 GMT", "garbage", "", TAG[1:-1]]
)
def test_a_range_of_another_file_gets_this_one_whole(client: httpx.Client, condition: str) -> None:
    response = get(client, Range="bytes=9-", If_Range=condition)
    assert (response.status_code, response.content) == (200, MODEL)


@pytest.mark.parametrize("tags", [TAG, f"W/{TAG}", f'"a", {TAG}', "*", f'"a,b" ,W/{TAG},"c"'])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_file_is_told_so(client: httpx.Client, method: str, tags: str) -> None:
    response = client.request(method, MODEL_PATH, headers={"If-None-Match": tags, "Range": "bytes=0-1"})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == TAG
    assert "x-repo-commit" in response.headers
    assert "content-length" not in response.headers


@pytest.mark.parametrize("tags", ['"other"', '"*"', TAG[1:-1], ""])
def test_a_client_that_has_another_file_gets_this_one(client: httpx.Client, tags: str) -> None:
    assert get(client, If_None_Match=tags).content == MODEL


def test_conditions_in_several_lines_count_together(client: httpx.Client) -> None:
    lines = [("If-None-Match", '"a"'), ("If-None-Match", TAG)]
    assert client.get(MODEL_PATH, headers=lines).status_code == 304


def test_a_client_that_wants_only_the_file_it_knows_gets_no_other(client: httpx.Client) -> None:
    refused = get(client, If_Match='"other"', Range="bytes=5-")
    assert refused.status_code == 412
    assert refused.headers["etag"] == TAG
    assert get(client, If_Match=f"W/{TAG}").status_code == 412
    assert get(client, If_Match=f'"other", {TAG}', Range="bytes=5-").content == MODEL[5:]
    assert get(client, If_Match="*").content == MODEL


@pytest.mark.parametrize(
    ("revision", "path", "content"),
    [
        (BRANCH, "model.bin", SHORT),
        (quote(BRANCH, safe=""), "model.bin", SHORT),
        (quote(REFERENCE, safe=""), "config.json", b"{}\n"),
        ("main", "config.json", CONFIG),
        ("", "config.json", CONFIG),
    ],
)
def test_any_revision_is_served(client: httpx.Client, revision: str, path: str, content: bytes) -> None:
    assert get(client, f"/download/{PUBLIC}/{path}?revision={revision}").content == content


def test_a_commit_is_a_revision(client: httpx.Client, calm_hub: RunningHub) -> None:
    commit = calm_hub.api().model_info(PUBLIC, revision=BRANCH).sha
    response = get(client, f"/download/{PUBLIC}/model.bin?revision={commit}")
    assert response.content == SHORT
    assert response.headers["x-repo-commit"] == commit


def test_a_file_by_its_hash_is_the_file(client: httpx.Client, calm_hub: RunningHub) -> None:
    told = calm_hub.xet_hash(PUBLIC, "model.bin")
    for spelled in (told, told.upper()):
        response = get(client, f"/download-hash/{spelled}?repo={PUBLIC}")
        assert response.status_code == 200
        assert response.content == MODEL
        assert response.headers["content-length"] == str(SIZE)
        assert response.headers["etag"] == f'"xet-{told}"'
        assert response.headers["x-offing-verified"] == "file"
    some = get(client, f"/download-hash/{told}?repo={PUBLIC}", Range="bytes=-3")
    assert some.content == MODEL[-3:]
    head = client.head(f"/download-hash/{told}?repo={PUBLIC}")
    assert head.headers["content-length"] == str(SIZE)


def test_a_file_of_a_data_set_by_its_hash(client: httpx.Client, calm_hub: RunningHub) -> None:
    told = calm_hub.xet_hash(PUBLIC, "train/part-0.parquet", "datasets")
    response = get(client, f"/download-hash/{told}?repo=datasets/{PUBLIC}")
    assert response.status_code == 200
    assert len(response.content) == 300_000
