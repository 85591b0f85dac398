"""Image insights as its container serves it, in this process, with settings of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from offing.insights.service import service
from offing.insights.settings import InsightsSettings
from offing.kernel.app import App
from offing.kernel.fetch import PREFIX as FETCH_PREFIX
from offing.kernel.fetch import FetchSettings
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.settings import explain
from offing.kernel.standalone import front

PATIENCE = 30.0
UPLOAD, BY_URL = "/v1/image/analysis", "/v1/image/analysis/url"
ROOMS = ((ServerSettings, PREFIX), (FetchSettings, FETCH_PREFIX), (InsightsSettings, service.env_prefix))


@asynccontextmanager
async def serving(**variables: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started app. Only ``variables`` are set, whatever the environment holds."""
    with pytest.MonkeyPatch.context() as environment:
        for room, prefix in ROOMS:
            for each in explain(room, prefix):
                for name in (each.variable, *each.aliases):
                    environment.delenv(name, raising=False)
        for name, value in {"OFFING_INSIGHTS_WORKERS": "1", **variables}.items():
            environment.setenv(name, value)
        app = App([service], ServerSettings(log_requests=False), front)
    await app.start()
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://insights", timeout=PATIENCE
        ) as client:
            yield client
    finally:
        await app.stop()


async def upload(
    client: httpx.AsyncClient, data: bytes, kind: str = "image/png", query: str = ""
) -> httpx.Response:
    """Post a file to be analyzed; ``query`` as it stands in the URL, with its question mark."""
    return await client.post(UPLOAD + query, files={"image": ("image", data, kind)})
