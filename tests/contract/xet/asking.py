"""What holds for every refusal of Xet downloads, and how parts are read."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

import httpx

from tests.contract.asking import UNTOLD

PROBLEM = {"type", "title", "status", "detail", "code", "remedy", "request_id"}
LIVE = "/xet/livez"


def refusal(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, which tells nothing of the inside."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() >= PROBLEM
    assert (body["code"], body["status"]) == (code, status)
    assert body["request_id"] == response.headers["x-request-id"]
    assert not UNTOLD.search(response.content)
    return body


def parts(response: httpx.Response) -> list[tuple[str, bytes]]:
    """Content-Range and bytes of each part of a multipart answer (RFC 9110, section 14.6)."""
    kind = response.headers["content-type"]
    assert kind.startswith("multipart/byteranges; boundary=")
    message: Any = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + response.content)
    return [(part["content-range"], part.get_payload(decode=True)) for part in message.get_payload()]


def bearer(token: str) -> dict[str, str]:
    """The header with a caller's token."""
    return {"Authorization": f"Bearer {token}"}
