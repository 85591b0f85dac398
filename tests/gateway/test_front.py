"""The local front door: what it lists, and how it tells the health of all services together."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

import offing
from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import chosen, installed, owner_of


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app() -> App:
    return App(chosen([]), ServerSettings(), front)


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as asking:
        yield asking


@pytest.mark.anyio
async def test_the_root_lists_every_installed_service_with_routes_that_exist(
    app: App, client: httpx.AsyncClient
) -> None:
    listing = (await client.get("/")).raise_for_status().json()
    assert (listing["service"], listing["version"]) == ("offing", offing.__version__)
    assert set(listing["services"]) == set(installed())
    served = {f"{operation.method} {operation.path}" for operation in app.operations}
    for service in listing["services"].values():
        assert set(service["routes"]) <= served
        assert f"GET {service['health']}" in served


@pytest.mark.anyio
async def test_the_jobs_of_each_service_are_listed_and_described(app: App, client: httpx.AsyncClient) -> None:
    listing, described = (await client.get("/")).json(), (await client.get("/openapi.json")).json()
    kinds = [(name, kind) for name, service in app.toolbox.services.items() for kind in service.jobs]
    assert {kind.path for _, kind in kinds} >= {"/ocr/jobs", "/download/jobs"}
    for name, kind in kinds:
        assert owner_of(kind.path, app.toolbox.services) == name
        routes = listing["services"][name]["routes"]
        assert {f"POST {kind.path}", f"GET {kind.path}/{{id}}", f"DELETE {kind.path}/{{id}}"} <= set(routes)
        assert (f"GET {kind.path}/{{id}}/result" in routes) is kind.keeps_answer
        asked = described["paths"][kind.path]["post"]
        assert "202" in asked["responses"]
        assert "webhook" in {parameter["name"] for parameter in asked["parameters"]}
        assert kind.path in (await client.get("/docs")).raise_for_status().text


@pytest.mark.anyio
async def test_health_is_that_of_the_service_that_is_not_ready(app: App, client: httpx.AsyncClient) -> None:
    early = await client.get("/health")
    assert (early.status_code, early.json()["status"]) == (503, "starting")
    assert int(early.headers["Retry-After"]) > 0
    await app.start()
    try:
        ready = await client.get("/health")
        assert (ready.status_code, ready.json()["status"]) == (200, "healthy")
        told = {name: each["status"] for name, each in ready.json()["services"].items()}
        assert told == dict.fromkeys(told, "healthy") | {"xet": "ok"}
        app.toolbox.health.drain()
        leaving = await client.get("/health")
        assert (leaving.status_code, leaving.json()["status"]) == (503, "draining")
    finally:
        await app.stop()


@pytest.mark.anyio
async def test_every_services_paths_are_answered_where_the_worker_sends_them(app: App) -> None:
    for service in app.toolbox.services.values():
        for operation in app.engines[service.name].operations:
            path = re.sub(r"\{\w+(:path)?\}", "a", operation.path)
            assert owner_of(path, app.toolbox.services) == service.name
