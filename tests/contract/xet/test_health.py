"""Health of Xet downloads, and what its documents tell."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.contract.asking import AT_ONCE, check
from tests.contract.xet.asking import LIVE


def test_its_health_is_in_the_words_that_its_clients_know(client: httpx.Client) -> None:
    response = check(client.get("/xet/health"))
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["service"]) == ("ok", "xet")
    assert body["version"]


@pytest.mark.standalone_only
@pytest.mark.parametrize("path", ["/health", "/"])
def test_served_alone_it_answers_at_the_root(client: httpx.Client, path: str) -> None:
    response = check(client.get(path))
    assert response.status_code == 200
    assert response.json()["service"] == "xet"


@pytest.mark.standalone_only
def test_served_alone_it_tells_at_the_root_how_it_is_used(client: httpx.Client) -> None:
    told = check(client.get("/")).json()
    assert "GET /download/{file:path}" in told["routes"]
    assert any(line.startswith(f"curl -LO '{client.base_url}".rstrip("/")) for line in told["try_it"])


@pytest.mark.parametrize("path", [LIVE, "/xet/readyz"])
def test_a_running_service_is_live_and_ready(client: httpx.Client, path: str) -> None:
    started = time.perf_counter()
    assert check(client.get(path)).status_code == 200
    assert time.perf_counter() - started < AT_ONCE


@pytest.mark.server_only
def test_the_document_names_every_route(client: httpx.Client) -> None:
    paths = check(client.get("/openapi.json")).json()["paths"]
    assert {"/download/{file}", "/download-hash/{hash}", "/repos/{repository}"} <= paths.keys()
    assert {"200", "206", "304", "401", "403", "404", "412", "416", "429"} <= paths["/download/{file}"][
        "get"
    ]["responses"].keys()


@pytest.mark.server_only
def test_the_docs_page_tells_of_it(client: httpx.Client) -> None:
    assert "HF_ENDPOINT=" in check(client.get("/docs")).text
