"""OCR as the kernel serves it, in this process, with settings of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from offing.kernel.app import App
from offing.kernel.fetch import PREFIX as FETCH_PREFIX
from offing.kernel.fetch import FetchSettings
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.settings import explain
from offing.kernel.standalone import front
from offing.ocr.service import service
from offing.ocr.settings import OcrSettings
from tests.ocr.samples import sample

PATIENCE = 60.0
OCR, BASE64, BATCH, LANGUAGES = "/ocr", "/ocr/base64", "/ocr/batch", "/ocr/languages"
ROOMS = ((ServerSettings, PREFIX), (FetchSettings, FETCH_PREFIX), (OcrSettings, service.env_prefix))
SMALL = {"OFFING_OCR_QUALITY": "fast", "OFFING_OCR_THREADS": "1", "OFFING_OCR_DECODERS": "1"}
"""The smallest models and few processes: what is read well is another test's business."""


@asynccontextmanager
async def started(**variables: str) -> AsyncIterator[App]:
    """The started app. Only ``variables`` are set, whatever the environment holds."""
    with pytest.MonkeyPatch.context() as environment:
        for room, prefix in ROOMS:
            for each in explain(room, prefix):
                for name in (each.variable, *each.aliases):
                    environment.delenv(name, raising=False)
        for name, value in {**SMALL, **variables}.items():
            environment.setenv(name, value)
        app = App([service], ServerSettings(log_requests=False), front)
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


def client_of(app: App) -> httpx.AsyncClient:
    """A client that asks the app without a socket."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ocr", timeout=PATIENCE)


@asynccontextmanager
async def serving(**variables: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started app."""
    async with started(**variables) as app, client_of(app) as client:
        yield client


def file_of(name: str) -> bytes:
    """The file of a sample."""
    return sample(name).path.read_bytes()


async def upload(client: httpx.AsyncClient, data: bytes, query: str = "", **fields: str) -> httpx.Response:
    """Post a file in a form with fields; ``query`` as it stands in the URL, with its question mark."""
    return await client.post(OCR + query, files={"file": ("page", data)}, data=fields)
