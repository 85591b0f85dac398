"""What the hub refuses, or fails at, as this service's clients are told of it."""

from __future__ import annotations

import random
import re

import httpx
import pytest

from offing.xet.hub.faults import Rule
from tests.contract.xet.content import BEHIND_A_GATE, GATED, MODEL, PRIVATE, PUBLIC, SECRET
from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub
from tests.xet.proxy_fixture import RunningProxy, running_proxy

PROBLEM = {"type", "title", "status", "detail", "code", "remedy", "request_id"}
MODEL_PATH = f"/download/{PUBLIC}/model.bin"
SECRET_PATH = f"/download/{PRIVATE}/secret.bin"
UNTOLD = re.compile(
    r"Traceback|Exception|Error\b|127\.0\.0\.1|/(?:usr|home|root|tmp|opt|var)/|A fault that was asked|hf_"
)
"""What only the inside, or the other side, knows."""


def refused(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    """The body of a problem, of the one shape, that tells nothing of the inside."""
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json().keys() >= PROBLEM
    body: dict[str, object] = response.json()
    assert not UNTOLD.search(response.text.replace("Bearer hf_", "").replace(str(body.get("page")), ""))
    assert int(response.headers["content-length"]) == len(response.content)
    return body


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [
        ("/download/acme/none/model.bin", "repository-not-found", "RepoNotFound"),
        (f"/download/{PUBLIC}/none.bin", "entry-not-found", "EntryNotFound"),
        (f"/download/{PUBLIC}/weights", "entry-not-found", "EntryNotFound"),
        (f"{MODEL_PATH}?revision=none", "revision-not-found", "RevisionNotFound"),
        (f"/{PUBLIC}/resolve/none/model.bin", "revision-not-found", "RevisionNotFound"),
        (f"/{PUBLIC}/resolve/main/none.bin", "entry-not-found", "EntryNotFound"),
        (f"/download-hash/{'0' * 64}?repo={PUBLIC}", "content-not-found", None),
        ("/repos/acme/none", "repository-not-found", "RepoNotFound"),
        (f"/repos/{PUBLIC}/none", "entry-not-found", "EntryNotFound"),
        (f"/repos/{PUBLIC}?revision=none", "revision-not-found", "RevisionNotFound"),
    ],
)
def test_what_is_not_there_is_404_and_told_apart(
    proxy: RunningProxy, path: str, code: str, word: str | None
) -> None:
    with proxy.client(OWNER_TOKEN) as client:
        response = client.get(path)
        refused(response, 404, code)
        assert response.headers.get("x-error-code") == word
        head = client.head(path)
    assert (head.status_code, head.headers.get("x-error-code"), head.content) == (404, word, b"")


def test_a_missing_file_names_the_commit_that_lacks_it(client: httpx.Client, calm_hub: RunningHub) -> None:
    response = client.get(f"/{PUBLIC}/resolve/main/none.bin")
    assert response.headers["x-repo-commit"] == calm_hub.api().model_info(PUBLIC).sha


@pytest.mark.parametrize(
    "path", [SECRET_PATH, f"/{PRIVATE}/resolve/main/secret.bin", f"/repos/{PRIVATE}", "/download/acme/none/a"]
)
def test_a_stranger_without_a_token_is_told_to_bring_one(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    refused(response, 401, "no-right")
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["x-error-code"] == "RepoNotFound"


@pytest.mark.parametrize("token", ["hf_nobody", "x", "hf_" + "a" * 4000, "Bearer", "~!@"])
def test_a_token_of_nobody_is_401_also_for_what_is_public(proxy: RunningProxy, token: str) -> None:
    with proxy.client(token) as client:
        response = client.get(MODEL_PATH)
    refused(response, 401, "no-right")
    assert response.headers["x-error-message"] == "Invalid credentials in Authorization header"
    assert "x-error-code" not in response.headers


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Basic aGY6aGY=", "hf_owner", "Bearer a b", "Bearer\thf_owner",
     "Bearer h\u00e9", "Bearer " + "a" * 5000],
)  # fmt: skip
def test_an_authorization_that_is_no_token_is_401_and_not_an_anonymous_answer(
    client: httpx.Client, given: str
) -> None:
    # By httpx a space at a header's end cannot be sent; what is left of it is no token either.
    headers = [(b"Authorization", given.strip().encode("latin-1"))]
    for path in (MODEL_PATH, f"/api/models/{PUBLIC}", f"/repos/{PUBLIC}"):
        refused(client.get(path, headers=headers), 401, "no-right")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_private_file_is_for_those_who_may_read_it(proxy: RunningProxy, scheme: str) -> None:
    with proxy.client() as client:
        for token in (OWNER_TOKEN, READER_TOKEN):
            response = client.get(SECRET_PATH, headers={"Authorization": f"{scheme} {token}"})
            assert response.content == SECRET["secret.bin"]
        stranger = client.get(SECRET_PATH, headers={"Authorization": f"{scheme} {STRANGER_TOKEN}"})
        refused(stranger, 404, "repository-not-found")


def test_what_is_cached_is_for_those_who_may_read_it_too(proxy: RunningProxy, calm_hub: RunningHub) -> None:
    told = calm_hub.xet_hash(PRIVATE, "secret.bin")
    with proxy.client(OWNER_TOKEN) as client:
        assert client.get(SECRET_PATH).content == SECRET["secret.bin"]
        assert (
            client.get(SECRET_PATH, headers={"Range": "bytes=0-1"}).headers["x-offing-verified"] == "chunks"
        )
    by_hash = f"/download-hash/{told}?repo="
    with proxy.client(STRANGER_TOKEN) as client:
        refused(client.get(SECRET_PATH), 404, "repository-not-found")
        refused(client.get(by_hash + PRIVATE), 404, "repository-not-found")
        refused(client.get(by_hash + PUBLIC), 404, "content-not-found")
    with proxy.client() as client:
        refused(client.get(SECRET_PATH, headers={"Range": "bytes=0-1"}), 401, "no-right")
        refused(client.get(by_hash + PRIVATE), 401, "no-right")
        refused(client.get(by_hash + PUBLIC), 404, "content-not-found")


@pytest.mark.parametrize("token", [STRANGER_TOKEN, None])
def test_a_gated_file_is_403_with_the_page_where_access_is_asked_for(
    proxy: RunningProxy, calm_hub: RunningHub, token: str | None
) -> None:
    with proxy.client(token) as client:
        for path in (f"/download/{BEHIND_A_GATE}/gated.bin", f"/{BEHIND_A_GATE}/resolve/main/gated.bin"):
            response = client.get(path)
            body = refused(response, 403, "gated")
            assert body["page"] == f"{calm_hub.base}/{BEHIND_A_GATE}"
            assert response.headers["x-error-code"] == "GatedRepo"


def test_who_has_accepted_the_conditions_gets_the_gated_file(proxy: RunningProxy) -> None:
    with proxy.client(READER_TOKEN) as client:
        assert client.get(f"/download/{BEHIND_A_GATE}/gated.bin").content == GATED["gated.bin"]


def test_the_shared_token_reads_for_who_brings_none_and_is_used_for_nothing_else(
    calm_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache") / "xet"
    shared = {"HF_TOKEN": OWNER_TOKEN, "OFFING_XET_SHARE_TOKEN": "true"}
    with running_proxy(calm_hub, cache, **shared) as proxy, proxy.client() as client:
        assert client.get(SECRET_PATH).content == SECRET["secret.bin"]
        assert client.get(f"/repos/{PRIVATE}").json()["private"] is True
        for path in (f"/api/models/{PRIVATE}", f"/api/models/{PRIVATE}/tree/main?recursive=true"):
            assert client.get(path).status_code == 200
        paths = {"paths": ["secret.bin"]}
        assert client.post(f"/api/models/{PRIVATE}/paths-info/main", json=paths).status_code == 200
        for path in (
            "/api/whoami-v2",
            f"/api/models/{PRIVATE}/xet-write-token/main",
            f"/api/models/{PRIVATE}/xet-read-token/main",
            f"/api/models/{PRIVATE}%2Fxet-write-token/main",
            "/api/models/acme/tree/xet-write-token/main",
            "/api/settings/billing",
        ):
            assert client.get(path).status_code in {401, 404}, path
        assert client.get("/api/models?author=acme").json() == client.get("/api/models?author=acme").json()
        listed = [each["id"] for each in client.get("/api/models?author=acme").json()]
        assert PRIVATE not in listed
        assert PUBLIC in listed
        # A token of one's own is one's own, with the rights that it has.
        refused(
            client.get(SECRET_PATH, headers={"Authorization": f"Bearer {STRANGER_TOKEN}"}),
            404,
            "repository-not-found",
        )
        refused(client.get(SECRET_PATH, headers={"Authorization": "Basic x"}), 401, "no-right")


def test_without_leave_the_services_token_is_not_used(
    calm_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache") / "xet"
    with running_proxy(calm_hub, cache, HF_TOKEN=OWNER_TOKEN) as proxy, proxy.client() as client:
        refused(client.get(SECRET_PATH), 401, "no-right")
        assert client.get(f"/api/models/{PRIVATE}").status_code == 401
        assert client.get(MODEL_PATH).content == MODEL
    assert not any("authorization" in each.headers for each in calm_hub.log.of("resolve"))


def test_a_token_goes_to_the_hub_and_not_to_its_store(uncached: RunningProxy, calm_hub: RunningHub) -> None:
    with uncached.client(OWNER_TOKEN) as client:
        assert client.get(SECRET_PATH).content == SECRET["secret.bin"]
    told = {each.kind: each.headers.get("authorization", "") for each in calm_hub.log.entries}
    assert told["resolve"] == told["token"] == f"Bearer {OWNER_TOKEN}"
    assert OWNER_TOKEN not in told["reconstruction"]
    assert told["xorb"] == ""


def test_a_hub_that_is_asked_too_much_is_429_with_its_retry_after(
    client: httpx.Client, calm_hub: RunningHub
) -> None:
    calm_hub.set_faults(Rule(what="status", on="resolve", status=429, retry_after=1234))
    response = client.get(MODEL_PATH)
    refused(response, 429, "rate-limited")
    assert response.headers["retry-after"] == "1234"


@pytest.mark.parametrize(
    ("on", "status", "told", "code"),
    [
        ("resolve", 500, 502, "upstream-failed"),
        ("resolve", 504, 504, "upstream-timed-out"),
        ("resolve", 418, 502, "upstream-failed"),
        ("token", 503, 502, "upstream-failed"),
        ("reconstruction", 500, 502, "upstream-failed"),
        ("xorb", 500, 502, "upstream-failed"),
        ("reconstruction", 429, 429, "rate-limited"),
    ],
)
def test_what_the_other_side_fails_at_is_told_by_its_status_and_not_by_its_words(
    uncached: RunningProxy, calm_hub: RunningHub, on: str, status: int, told: int, code: str
) -> None:
    calm_hub.set_faults(Rule(what="status", on=on, status=status))
    with uncached.client() as client:
        response = client.get(MODEL_PATH)
    body = refused(response, told, code)
    assert body.get("upstream_status") in {status, None}
    assert on == "xorb" or status == 429 or body["upstream_status"] == status
    assert ("retry-after" in response.headers) == (told == 429)


def test_a_hub_that_is_not_there_is_502(
    calm_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache") / "xet"
    with running_proxy(calm_hub, cache, HF_ENDPOINT="http://127.0.0.1:9") as proxy, proxy.client() as client:
        refused(client.get(MODEL_PATH), 502, "upstream-failed")
        refused(client.get(f"/api/models/{PUBLIC}"), 502, "upstream-failed")


def test_a_store_that_falls_silent_is_504(
    calm_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory
) -> None:
    calm_hub.set_faults(Rule(what="stall", on="xorb", at=0))
    cache = tmp_path_factory.mktemp("cache") / "xet"
    settings = {"OFFING_XET_STALL_SECONDS": "0.5", "OFFING_XET_PATIENCE_SECONDS": "1"}
    with running_proxy(calm_hub, cache, **settings) as proxy, proxy.client() as client:
        refused(client.get(MODEL_PATH), 504, "upstream-timed-out")


def test_a_wrong_first_byte_is_never_sent_as_a_success(uncached: RunningProxy, calm_hub: RunningHub) -> None:
    content = random.Random(11).randbytes(60_000)  # noqa: S311  the same bytes in every run
    calm_hub.upload("acme/flipped", {"one.bin": content})
    calm_hub.set_faults(Rule(what="flip", on="xorb", at=2000))
    with uncached.client() as client:
        refused(client.get("/download/acme/flipped/one.bin"), 502, "corrupt")
        calm_hub.set_faults()
        assert client.get("/download/acme/flipped/one.bin").content == content
