"""Files fetched ahead: into the cache, verified, or refused where nothing would keep them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import chosen
from offing.kernel.settings import load
from tests.contract.in_process import InProcess
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import variables

PATIENCE = 60.0
REPOSITORY = "acme/ahead"
LARGE = bytes(range(256)) * 8_000
TEXT = b"plain text, which stays in git\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload(REPOSITORY, {"large.bin": LARGE, "a.txt": TEXT, "empty": b""})
        yield hub


@contextmanager
def gateway(hub: RunningHub, folder: Path, **settings: str) -> Iterator[httpx.Client]:
    """A client of a gateway to Xet."""
    environment = variables(hub, folder / "cache", OFFING_JOBS_DIR=str(folder / "jobs"), **settings)
    with patch.dict(os.environ, environment, clear=True):
        app = App(chosen(["xet"]), load(ServerSettings, PREFIX), front)
    with httpx.Client(transport=InProcess(app), base_url="http://gateway", timeout=PATIENCE) as client:
        yield client


def ask(client: httpx.Client, path: str, **more: Any) -> httpx.Response:
    return client.post("/download/jobs", json={"repo": REPOSITORY, "path": path}, **more)


def ended(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 202, response.text
    deadline = time.monotonic() + PATIENCE
    while True:
        job: dict[str, Any] = client.get(response.headers["location"]).json()
        if job["state"] in {"succeeded", "failed"}:
            return job
        assert time.monotonic() < deadline
        time.sleep(0.02)


def cached(client: httpx.Client) -> int:
    """Bytes in the cache."""
    return int(client.get("/xet/health").json()["cache"]["bytes"])


@pytest.mark.parametrize(("path", "content"), [("large.bin", LARGE), ("a.txt", TEXT)])
def test_a_job_that_has_succeeded_has_the_file_in_the_cache(
    hub: RunningHub, tmp_path: Path, path: str, content: bytes
) -> None:
    with gateway(hub, tmp_path) as client:
        assert cached(client) == 0
        result = ended(client, ask(client, path))["result"]
        assert cached(client) >= len(content)
        assert result["bytes"] == len(content)
        assert client.get(result["location"]).content == content
        assert ended(client, ask(client, path))["result"] == result


def test_an_empty_file_is_there_already(hub: RunningHub, tmp_path: Path) -> None:
    with gateway(hub, tmp_path) as client:
        assert ended(client, ask(client, "empty"))["result"]["bytes"] == 0


@pytest.mark.parametrize("bytes_", ["0", "1000000"])
def test_where_nothing_would_keep_the_file_no_job_is_made(
    hub: RunningHub, tmp_path: Path, bytes_: str
) -> None:
    with gateway(hub, tmp_path, OFFING_XET_CACHE_BYTES=bytes_) as client:
        response = ask(client, "large.bin")
        assert (response.status_code, response.json()["code"]) == (422, "invalid-option")
        assert "OFFING_XET_CACHE_BYTES" in response.json()["remedy"]


def test_the_token_is_on_the_disk_only_until_the_job_has_finished(hub: RunningHub, tmp_path: Path) -> None:
    with gateway(hub, tmp_path) as client:
        response = ask(client, "large.bin", headers={"Authorization": f"Bearer {OWNER_TOKEN}"})
        ended(client, response)
        kept = [file for file in (tmp_path / "jobs").rglob("*") if file.is_file()]
        assert kept
        assert [file for file in kept if OWNER_TOKEN.encode() in file.read_bytes()] == []
