"""Jobs of Xet: files fetched ahead, for those who may read them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contract.asking import check
from tests.contract.jobs.asking import DOWNLOAD_JOBS, OCR_JOBS, made, refusal, succeeded
from tests.contract.xet.asking import bearer
from tests.contract.xet.content import (
    BEHIND_A_GATE,
    BRANCH,
    CONFIG,
    DATA,
    MODEL,
    NAME,
    NAMED,
    PRIVATE,
    PUBLIC,
    SECRET,
    SHORT,
    sha256,
)
from tests.xet.hub_fixture import READER_TOKEN, STRANGER_TOKEN


def ask(client: httpx.Client, token: str | None = None, **file: str) -> httpx.Response:
    """Ask for a file to be fetched ahead."""
    return check(client.post(DOWNLOAD_JOBS, json=file, headers=bearer(token) if token else None))


def fetched(client: httpx.Client, token: str | None = None, **file: str) -> dict[str, Any]:
    """The result of a job once it has succeeded."""
    job = made(ask(client, token, **file), DOWNLOAD_JOBS)
    assert job["service"] == "xet"
    result: dict[str, Any] = succeeded(client, job)["result"]
    assert sorted(result) == ["bytes", "commit", "etag", "location", "status"]
    assert result["status"] == 200
    return result


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ({"path": "model.bin"}, MODEL),
        ({"path": "model.bin", "revision": BRANCH}, SHORT),
        ({"path": NAME}, NAMED),
        ({"path": "train/part-0.parquet", "type": "dataset"}, DATA["train/part-0.parquet"]),
    ],
    ids=["model", "branch", "name", "dataset"],
)
def test_the_result_tells_the_file_and_where_it_is(
    held: httpx.Client, file: dict[str, str], content: bytes
) -> None:
    result = fetched(held, repo=PUBLIC, **file)
    assert (result["bytes"], result["etag"].strip('"')) == (len(content), sha256(content))
    assert result["location"].endswith(f"?revision={result['commit']}")
    response = held.get(result["location"])
    assert response.status_code == 200
    assert response.content == content
    assert response.headers["x-repo-commit"] == result["commit"]


@pytest.mark.parametrize(("path", "content"), [("config.json", CONFIG), ("empty.txt", b"")])
def test_small_and_empty_files_are_fetched_too(held: httpx.Client, path: str, content: bytes) -> None:
    result = fetched(held, repo=PUBLIC, path=path)
    assert result["bytes"] == len(content)
    assert held.get(result["location"]).content == content


def test_a_private_file_is_fetched_with_the_callers_token_which_is_shown_nowhere(held: httpx.Client) -> None:
    response = ask(held, READER_TOKEN, repo=PRIVATE, path="secret.bin")
    job = made(response, DOWNLOAD_JOBS)
    done = succeeded(held, job)
    assert READER_TOKEN not in response.text + held.get(job["location"]).text
    place = done["result"]["location"]
    assert held.get(place, headers=bearer(READER_TOKEN)).content == SECRET["secret.bin"]
    assert held.get(place).status_code in {401, 404}


@pytest.mark.parametrize(
    ("file", "token"),
    [
        ({"repo": PRIVATE, "path": "secret.bin"}, None),
        ({"repo": PRIVATE, "path": "secret.bin"}, STRANGER_TOKEN),
        ({"repo": PRIVATE, "path": "secret.bin"}, "hf_unknown"),
        ({"repo": BEHIND_A_GATE, "path": "gated.bin"}, None),
        ({"repo": BEHIND_A_GATE, "path": "gated.bin"}, STRANGER_TOKEN),
        ({"repo": PUBLIC, "path": "missing.bin"}, None),
        ({"repo": "acme/missing", "path": "model.bin"}, READER_TOKEN),
    ],
    ids=["stranger", "another", "unknown-token", "gate", "gate-another", "no-file", "no-repository"],
)
def test_who_may_not_read_a_file_is_told_so_at_once_as_by_a_download(
    held: httpx.Client, file: dict[str, str], token: str | None
) -> None:
    direct = held.get(f"/download/{file['repo']}/{file['path']}", headers=bearer(token) if token else None)
    assert direct.status_code in {401, 403, 404}
    body = refusal(ask(held, token, **file), direct.status_code, direct.json()["code"])
    assert body["detail"] == direct.json()["detail"]


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"repo": PUBLIC},
        {"path": "model.bin"},
        {"repo": PUBLIC, "path": 5},
        {"repo": PUBLIC, "path": "model.bin", "type": "planet"},
        {"repo": "no-owner", "path": "model.bin"},
        {"repo": "a/b/c", "path": "model.bin"},
        {"repo": PUBLIC, "path": "../model.bin"},
        {"repo": PUBLIC, "path": ""},
        {"repo": PUBLIC, "path": "model.bin", "revision": "a..b"},
    ],
    ids=str,
)
def test_what_names_no_file_is_422(held: httpx.Client, file: Any) -> None:
    response = check(held.post(DOWNLOAD_JOBS, json=file))
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 10_000], ids=lambda body: str(body[:4]))
def test_what_is_no_json_object_is_refused(held: httpx.Client, body: bytes) -> None:
    response = check(held.post(DOWNLOAD_JOBS, content=body, headers={"Content-Type": "application/json"}))
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


def test_an_authorization_that_is_no_token_is_401(held: httpx.Client) -> None:
    response = held.post(
        DOWNLOAD_JOBS, json={"repo": PUBLIC, "path": "model.bin"}, headers={"Authorization": "Basic eDp5"}
    )
    refusal(check(response), 401, "no-right")


def test_a_deleted_job_is_gone_and_its_file_is_not(held: httpx.Client) -> None:
    job = made(ask(held, repo=PUBLIC, path="model.bin"), DOWNLOAD_JOBS)
    done = succeeded(held, job)
    assert held.delete(job["location"]).status_code == 204
    refusal(held.get(job["location"]), 404, "job-not-found")
    refusal(held.delete(job["location"]), 404, "job-not-found")
    assert held.get(done["result"]["location"]).content == MODEL


def test_a_job_is_found_below_its_own_service_only(held: httpx.Client) -> None:
    job = made(ask(held, repo=PUBLIC, path="model.bin"), DOWNLOAD_JOBS)
    refusal(check(held.get(f"{OCR_JOBS}/{job['id']}")), 404, "job-not-found")
    for name in ("0" * 32, "x"):
        refusal(check(held.get(f"{DOWNLOAD_JOBS}/{name}")), 404, "job-not-found")
