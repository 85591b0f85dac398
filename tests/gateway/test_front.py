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
