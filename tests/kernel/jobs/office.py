"""A gateway of jobs in this process: asked over ASGI, without a socket, and with short pauses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from offing.kernel.app import App
from offing.kernel.jobs.jobs import Jobs
from offing.kernel.jobs.runner import Pauses
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.operation import Operation
from offing.kernel.server_settings import ServerSettings
from tests.kernel.jobs.work import service

PATIENCE = 30.0
QUICK = Pauses((0.01,) * 4, (0.01,) * 4, 0.01)


class Office:
    """What a test asks."""

    def __init__(self, app: App, client: httpx.AsyncClient, folder: Path) -> None:
        self.app, self.client, self.folder = app, client, folder

    async def ask(self, query: str = "", body: bytes = b"body", **more: Any) -> dict[str, Any]:
        """Make a job; its body."""
        response = await self.client.post(f"/desk/jobs?{query}", content=body, **more)
        assert response.status_code == 202, response.text
        made: dict[str, Any] = response.json()
        return made

    async def state(self, job: dict[str, Any]) -> dict[str, Any]:
        """A job as it now is."""
        response = await self.client.get(job["location"])
        assert response.status_code == 200, response.text
        now: dict[str, Any] = response.json()
        return now

    async def ended(self, job: dict[str, Any]) -> dict[str, Any]:
        """A job once it has finished."""
        return await self.until(job, lambda now: now["state"] in {"succeeded", "failed"})

    async def until(self, job: dict[str, Any], holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """A job once something holds of it."""
        deadline = time.monotonic() + PATIENCE
        while not holds(now := await self.state(job)):
            assert time.monotonic() < deadline, now
            await asyncio.sleep(0.01)
        return now

    def begun(self, name: str) -> int:
        """How often work of a name has begun."""
        path = self.folder / f"{name}.begun"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def open(self, gate: str) -> None:
        """Let work go on that waits."""
        (self.folder / gate).touch()

    def files(self) -> list[Path]:
        """What lies in the folder of bodies and answers."""
        return list((self.folder / "jobs" / "files").iterdir())


@asynccontextmanager
async def running(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, keys: tuple[str, ...] = (), **settings: Any
) -> AsyncIterator[Office]:
    """An app over a folder; what the same folder held before, it goes on with."""
    monkeypatch.setenv("OFFING_WORK_FOLDER", str(folder))
    jobs = JobsSettings(dir=str(folder / "jobs"), **settings)

    def front(app: App) -> Sequence[Operation]:
        held = Jobs(jobs, app.toolbox, app.engines, pauses=QUICK)
        app.companions.append(held)
        return held.operations()

    app = App([service], ServerSettings(log_requests=False, api_keys=keys), front)
    await app.start()
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://office", timeout=PATIENCE
        ) as client:
            yield Office(app, client, folder)
    finally:
        await app.stop()


def encode(value: object) -> bytes:
    """As JSON."""
    return msgspec.json.encode(value)
