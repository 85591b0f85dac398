"""Health of OCR as clients and container platforms ask for it."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.contract.asking import AT_ONCE, check
from tests.contract.ocr.asking import LIVE

FACTS = {
    "status",
    "service",
    "version",
    "runtime",
    "runtime_version",
    "precision",
    "threads",
    "models",
    "tesseract",
}


def test_its_health_tells_what_reads(client: httpx.Client) -> None:
    response = check(client.get("/ocr/health"))
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "healthy"
    assert body.keys() >= FACTS
    assert body["threads"] >= 1


@pytest.mark.standalone_only
@pytest.mark.parametrize("path", ["/health", "/"])
def test_served_alone_it_answers_where_the_seed_did(client: httpx.Client, path: str) -> None:
    response = check(client.get(path))
    assert response.status_code == 200
    assert response.json()["service"] == "ocr"
    assert "healthy" in response.text


@pytest.mark.parametrize("path", [LIVE, "/ocr/readyz"])
def test_a_running_service_is_live_and_ready(client: httpx.Client, path: str) -> None:
    started = time.perf_counter()
    assert check(client.get(path)).status_code == 200
    assert time.perf_counter() - started < AT_ONCE


@pytest.mark.server_only
def test_the_document_names_every_route(client: httpx.Client) -> None:
    paths = check(client.get("/openapi.json")).json()["paths"]
    assert {"/ocr", "/ocr/base64", "/ocr/batch", "/ocr/languages"} <= paths.keys()
    taken = paths["/ocr"]["post"]["requestBody"]["content"]
    assert {"multipart/form-data", "application/pdf", "image/png", "image/tiff"} <= taken.keys()
    answered = paths["/ocr"]["post"]["responses"]["200"]["content"]
    assert {"application/json", "application/x-ndjson", "application/pdf", "text/plain"} <= answered.keys()


@pytest.mark.server_only
def test_the_docs_page_tells_of_it(client: httpx.Client) -> None:
    response = check(client.get("/docs"))
    assert "/ocr/batch" in response.text
    assert "searchable.pdf" in response.text
