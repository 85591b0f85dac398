"""Health as clients and container platforms ask for it."""

from __future__ import annotations

import time

import httpx
import pytest

import offing
from tests.contract.asking import AT_ONCE, LIVE, check

BODY = {"status": "healthy", "service": "image-insights-api", "version": offing.__version__}


def test_the_services_health_has_the_body_that_v1_promises(client: httpx.Client) -> None:
    response = check(client.get("/insights/health"))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert list(response.json().items()) == list(BODY.items())


@pytest.mark.standalone_only
@pytest.mark.parametrize("path", ["/health", "/"])
def test_served_alone_it_answers_where_v1_did(client: httpx.Client, path: str) -> None:
    response = check(client.get(path))
    assert response.status_code == 200
    assert response.json() == BODY


@pytest.mark.parametrize("path", [LIVE, "/insights/readyz"])
def test_a_running_service_is_live_and_ready(client: httpx.Client, path: str) -> None:
    started = time.perf_counter()
    response = check(client.get(path))
    assert time.perf_counter() - started < AT_ONCE
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


@pytest.mark.server_only
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_the_process_is_live_and_ready(client: httpx.Client, path: str) -> None:
    assert check(client.get(path)).status_code == 200


def test_health_answers_are_never_stored(client: httpx.Client) -> None:
    assert check(client.get(LIVE)).headers.get("cache-control", "no-store") == "no-store"


@pytest.mark.parametrize("path", ["/insights/health", LIVE])
def test_head_asks_for_health_without_a_body(client: httpx.Client, path: str) -> None:
    response = check(client.head(path))
    assert response.status_code == 200
    assert response.content == b""
