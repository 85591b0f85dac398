"""Pages of a listing, and the Link header that leads to the next (RFC 8288)."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request

from offing.xet.hub.refusals import bad

_DIGITS = 6


def page_limit(request: Request, most: int) -> int:
    """How many rows the request wants on a page, at most so many. Raises Refusal (400)."""
    return min(most, max(1, number(request, "limit", most)))


def number(request: Request, name: str, default: int) -> int:
    """A number from the query. Raises Refusal (400)."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise bad(f"{name} must be a number.")
    return int(text)


def yes(request: Request, name: str) -> bool:
    """Whether the query says so."""
    return request.query_params.get(name, "").lower() in ("true", "1")


def link_to_next(request: Request, base: str, **changed: str | int) -> dict[str, str]:
    """The header that leads to this request with a changed query."""
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
    query = urlencode({**dict(request.query_params), **changed})
    return {"Link": f'<{base}{path}?{query}>; rel="next"'}
