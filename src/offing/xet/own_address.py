"""Where a client reaches this service, for the links in an answer."""

from __future__ import annotations

import re

from starlette.requests import Request

_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,255}", re.ASCII)


def address_of(request: Request) -> str:
    """Scheme and host: behind a front with TLS https (X-Forwarded-Proto). Empty for a Host that is none."""
    host = request.headers.get("host", "")
    secure = request.headers.get("x-forwarded-proto", "").strip().lower() == "https"
    return f"{'https' if secure else request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""
