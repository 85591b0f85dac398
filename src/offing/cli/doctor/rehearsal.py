"""A service as it would be served, started and asked once, without a socket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.health import State
from offing.kernel.problems import Problem
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import Service
from offing.kernel.settings import load

OK = 200
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""A PNG of one gray pixel."""


class WrongAnswer(Problem):
    """A service answered its trial with something else than success."""

    code = "wrong-answer"
    remedy = "Run `offing serve` and look at what it logs."


@dataclass(frozen=True)
class Trial:
    """A request that a healthy service answers with 200."""

    path: str
    content_type: str
    body: bytes
    what: str


TRIALS = {
    "insights": Trial(
        "/v1/image/analysis",
        "multipart/form-data; boundary=edge",
        b'--edge\r\nContent-Disposition: form-data; name="image"; filename="pixel.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + PIXEL + b"\r\n--edge--\r\n",
        "analyzed an image",
    ),
}
"""Trials by service; of one that has none, the start is the trial: it ends with a real call."""


async def rehearse(service: Service) -> str:
    """Start a service, ask it, stop it; what it did. Raises what its start raises, or WrongAnswer."""
    # It is asked from within: no key is needed, and nothing is logged.
    settings = msgspec.structs.replace(load(ServerSettings, PREFIX), api_keys=(), log_requests=False)
    app = App([service], settings, front)
    try:
        await app.engines[service.name].start()
        app.toolbox.health.set(service.name, State.READY)
        trial = TRIALS.get(service.name)
        if trial is None:
            return "started"
        status = await _ask(app, trial)
    finally:
        await app.stop()
    if status != OK:
        raise WrongAnswer(f"It answered {trial.path} with status {status}.")
    return f"started and {trial.what}"


async def _ask(app: App, trial: Trial) -> int:
    """The status with which an app answers a request that is given by ASGI."""
    sent: list[Any] = []
    given = [{"type": "http.request", "body": trial.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if given:
            return given.pop()
        return await asyncio.Future()  # the client stays until it has its answer

    async def send(message: Any) -> None:
        sent.append(message)

    await app(_scope(trial), receive, send)
    return int(sent[0]["status"])


def _scope(trial: Trial) -> dict[str, Any]:
    headers: Sequence[tuple[bytes, bytes]] = (
        (b"host", b"localhost"),
        (b"content-type", trial.content_type.encode()),
        (b"content-length", str(len(trial.body)).encode()),
    )
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": trial.path,
        "raw_path": trial.path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }
