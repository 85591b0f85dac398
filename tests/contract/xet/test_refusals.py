"""What Xet downloads do not give, and how they say so."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.asking import check
from tests.contract.xet.asking import bearer, refusal
from tests.contract.xet.content import BEHIND_A_GATE, PRIVATE, PUBLIC
from tests.xet.hub_fixture import OWNER_TOKEN, STRANGER_TOKEN

NONE = "0" * 64


@pytest.mark.parametrize(
    ("path", "code", "word"),
    [
        ("/download/acme/none/a.bin", "repository-not-found", "RepoNotFound"),
        (f"/download/{PUBLIC}/none.bin", "entry-not-found", "EntryNotFound"),
        (f"/download/{PUBLIC}/model.bin?revision=none", "revision-not-found", "RevisionNotFound"),
        (f"/{PUBLIC}/resolve/main/none.bin", "entry-not-found", "EntryNotFound"),
        (f"/download-hash/{NONE}?repo={PUBLIC}", "content-not-found", None),
        (f"/repos/{PUBLIC}/none", "entry-not-found", "EntryNotFound"),
    ],
)
def test_what_is_not_there_is_404_and_told_apart(
    held: httpx.Client, path: str, code: str, word: str | None
) -> None:
    response = held.get(path, headers=bearer(OWNER_TOKEN))
    refusal(response, 404, code)
    assert response.headers.get("x-error-code") == word


def test_who_may_not_read_a_private_file_does_not_learn_of_it(held: httpx.Client) -> None:
    path = f"/download/{PRIVATE}/secret.bin"
    refusal(held.get(path), 401, "no-right")
    refusal(held.get(path, headers=bearer("hf_nobody")), 401, "no-right")
    refusal(held.get(path, headers={"Authorization": "Basic aGY6aGY="}), 401, "no-right")
    refusal(held.get(path, headers=bearer(STRANGER_TOKEN)), 404, "repository-not-found")


def test_a_gated_file_is_403_with_the_page_to_accept(held: httpx.Client) -> None:
    response = held.get(f"/download/{BEHIND_A_GATE}/gated.bin", headers=bearer(STRANGER_TOKEN))
    assert response.status_code == 403
    assert response.json()["code"] == "gated"
    assert response.json()["page"].endswith(f"/{BEHIND_A_GATE}")
    assert response.headers["x-error-code"] == "GatedRepo"


@pytest.mark.parametrize(
    "path",
    [
        f"/download/{PUBLIC}",
        f"/download/{PUBLIC}/..%2f..%2fetc%2fpasswd",
        f"/download/{PUBLIC}/a%00b",
        f"/download/{PUBLIC}/{'a' * 300}",
        f"/download/{PUBLIC}/x?revision=..%2F..",
        f"/{PUBLIC}/resolve/main/..%2f..%2fx",
        f"/download-hash/{NONE}",
        f"/download-hash/{NONE[1:]}?repo={PUBLIC}",
        f"/download-hash/{'g' * 64}?repo={PUBLIC}",
        "/repos/acme",
        "/api/..%2fsettings",
    ],
)
def test_a_name_that_is_none_is_refused(client: httpx.Client, path: str) -> None:
    response = check(client.get(path))
    assert response.status_code in {400, 404, 422}
    assert response.json()["code"] in {"bad-name", "not-found"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", [f"/download/{PUBLIC}/a", f"/repos/{PUBLIC}", f"/{PUBLIC}/resolve/main/a", "/api/models"]
)
def test_nothing_can_be_changed_through_it(client: httpx.Client, method: str, path: str) -> None:
    response = check(client.request(method, path))
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
