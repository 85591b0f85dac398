"""How the tests ask for text, and what every refusal looks like."""

from __future__ import annotations

from typing import Any

import httpx

from tests.contract.asking import check
from tests.hostile import forms
from tests.ocr.samples import sample

OCR, BASE64, BATCH, LANGUAGES = "/ocr", "/ocr/base64", "/ocr/batch", "/ocr/languages"
LIVE = "/ocr/livez"
LABEL_LINES = [
    "FRAGILE Crate 3 of 8",
    "Ship chandler Osei & Daughters",
    "17 Ropewalk Lane",
    "Port Ellery PE4 9QX",
    "Gross weight 86.5 kg",
    "Keep dry - this side up",
]
PROBLEM = {"success", "error", "type", "title", "status", "detail", "code", "remedy", "request_id"}


def label() -> bytes:
    """A small picture of large print, which any quality reads without a fault."""
    return sample("label").path.read_bytes()


def pdf() -> bytes:
    """A document of two pages: one of text, one scanned."""
    return sample("mixed.pdf").path.read_bytes()


def upload(
    client: httpx.Client, data: bytes, params: Any = None, headers: Any = None, **fields: str
) -> httpx.Response:
    """Post a file in a form; the answer has passed :func:`check`."""
    files = {"file": ("page", data, "application/octet-stream")}
    return check(client.post(OCR, files=files, data=fields, params=params, headers=headers))


def send(client: httpx.Client, body: bytes, content_type: str | None = forms.KIND) -> httpx.Response:
    """Post a body as it is; the answer has passed :func:`check`."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    return check(client.post(OCR, content=body, headers=headers))


def refusal(response: httpx.Response, status: int) -> dict[str, Any]:
    """The body of a refusal, which names itself to old clients and to new ones."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() >= PROBLEM
    assert body["success"] is False
    assert body["error"] == body["detail"]
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    return body
