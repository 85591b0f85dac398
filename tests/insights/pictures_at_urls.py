"""Pictures that servers on loopback give, and how the URL route is asked for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.insights.images import flat
from tests.insights.serving import BY_URL
from tests.kernel.fetch.servers import Listener, Received, answer

BLACK, WHITE = flat((0, 0, 0), (4, 3)), flat((255, 255, 255), (4, 3))
LOOPBACK_ALLOWED = {"OFFING_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}
PATIENT = {**LOOPBACK_ALLOWED, "OFFING_INSIGHTS_FETCH_SECONDS": "20"}
"""Settings of a server that may fetch from loopback, and waits long."""


def image(body: bytes = BLACK, headers: str = "", kind: str = "image/png") -> bytes:
    return answer(body, headers=f"Content-Type: {kind}\r\n{headers}")


def place(listener: Listener, rest: str = "/picture.png", before: str = "") -> str:
    return f"http://{before}127.0.0.1:{listener.port}{rest}"


async def ask(client: httpx.AsyncClient, url: str, **options: Any) -> httpx.Response:
    return await client.post(BY_URL, content=json.dumps({"url": url, **options}))


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body = response.json()
    assert list(body) == ["detail"]
    error: dict[str, Any] = body["detail"]
    return error


def with_each(*answers: bytes) -> Callable[[Received, asyncio.StreamWriter], Any]:
    """A server that gives its answers in turn."""
    left = list(answers)

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0))

    return respond
