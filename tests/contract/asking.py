"""How the tests ask, and what holds for every answer."""

from __future__ import annotations

import os
import re
import time
from typing import Any

import httpx
import numpy as np

from tests.hostile import forms
from tests.hostile import png_writer as png

ANALYSIS = "/v1/image/analysis"
BY_URL = "/v1/image/analysis/url"
LIVE = "/insights/livez"
PATIENCE, AT_ONCE = 30.0, 1.0
"""Seconds: the longest that a test waits, and what a small answer may take on a busy machine."""
UNTOLD = re.compile(
    rb"0x[0-9a-f]{6,}|Traceback|BytesIO|<class|site-packages|\.pyc?\b|/(?:usr|home|root|tmp|opt|app|var)/"
    rb"|PIL\b|Pillow|numpy|OSError|ValueError|Exception|errno",
    re.IGNORECASE,
)
"""What only the inside of the server knows."""


def form(
    data: bytes, content_type: str | None = "image/png", filename: str = "image.png", name: str = "image"
) -> bytes:
    """A form with one file."""
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'.encode()
    kind = () if content_type is None else (b"Content-Type: " + content_type.encode(),)
    return forms.whole(forms.part(data, (disposition, *kind)))


def upload(
    client: httpx.Client,
    data: bytes,
    content_type: str | None = "image/png",
    params: Any = None,
) -> httpx.Response:
    """Post a file to be analysed; the answer has passed :func:`check`."""
    return send(client, form(data, content_type), params=params)


def send(
    client: httpx.Client, body: bytes, content_type: str | None = forms.KIND, params: Any = None
) -> httpx.Response:
    """Post a body as it is; the answer has passed :func:`check`."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    return check(client.post(ANALYSIS, content=body, headers=headers, params=params))


def ask_by_url(client: httpx.Client, fields: Any) -> httpx.Response:
    """Post a JSON body to the URL route; the answer has passed :func:`check`."""
    return check(client.post(BY_URL, json=fields))


def check(response: httpx.Response) -> httpx.Response:
    """Insist on what holds for every answer: no failure of the server, and nothing of its inside."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        found = UNTOLD.search(response.content)
        assert not found, response.text
    return response


def unique_image(width: int = 8, height: int = 8) -> bytes:
    """A PNG that no server has seen before."""
    values = np.frombuffer(os.urandom(width * height * 3), np.uint8).reshape(height, width, 3)
    return png.encode(values, 8, png.RGB)


def without_the_moment(response: httpx.Response) -> dict[str, Any]:
    """The fields of an answer that depend on the image alone."""
    assert response.status_code == 200, response.text
    fields: dict[str, Any] = response.json()
    return {name: value for name, value in fields.items() if name not in {"cached", "processing_time_ms"}}


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    """The v1 error of an answer, which stands under ``detail``."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body) == ["detail"]
    error: dict[str, Any] = body["detail"]
    return error


def assert_alive(client: httpx.Client) -> None:
    """The server answers at once."""
    started = time.perf_counter()
    assert client.get(LIVE).status_code == 200
    assert time.perf_counter() - started < AT_ONCE
