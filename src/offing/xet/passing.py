"""The hub's own API as it is, for clients that take this service for the hub."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from offing.xet.content import Content
from offing.xet.engine.authorization import authorization
from offing.xet.engine.failures import of_wire
from offing.xet.engine.hub import Hub
from offing.xet.engine.links import find_link
from offing.xet.engine.retries import Retryable
from offing.xet.own_address import address_of
from offing.xet.problems import BadName
from offing.xet.wire import Http, Incoming, WireError

LONGEST_TARGET = 4096
ASKED = ("accept", "accept-language", "content-type", "if-none-match", "range", "user-agent")
"""Headers that go on to the hub; the token goes by its own way."""
TOLD = re.compile(
    r"content-type|content-length|content-range|content-encoding|etag|last-modified|link|location|retry-after"
    r"|ratelimit.*|www-authenticate|x-repo-commit|x-error-.*|x-xet-.*|x-total-count|accept-ranges|vary"
)
"""Headers that come back."""
SHARED = re.compile(
    r"/api/(models|datasets|spaces)(/[\w.-]+){2}(/(revision|tree|treesize|paths-info|refs|commits)(/.*)?)?",
    re.ASCII,
)
"""What the service's own token may be used for: what a repository holds. Never for tokens and the account."""

_TEXT = re.compile(r"[\t -~\x80-\xff]*")


class Passing:
    """Sends requests on to the hub, and its answers back."""

    def __init__(self, http: Http, hub: Hub) -> None:
        self._http, self._hub = http, hub

    async def answer(self, request: Request, token: str | None) -> Response:
        """The hub's answer to a request, its own address in it replaced by ours. Raises a XetProblem."""
        target = _target(request)
        headers = {name: request.headers[name] for name in ASKED if name in request.headers}
        # Decoding is the client's: what it can read is passed on as it comes.
        headers["accept-encoding"] = request.headers.get("accept-encoding", "identity")
        if not all(_TEXT.fullmatch(value) for value in headers.values()):
            raise BadName("A header holds control characters.")
        try:
            incoming = await self._http.open(
                self._hub.endpoint + target,
                method=request.method,
                headers={**headers, **authorization(token)},
                body=await request.body(),
            )
        except WireError as error:
            raise _problem(error) from error
        return self._passed(request, incoming)

    def _passed(self, request: Request, incoming: Incoming) -> Response:
        headers = {name: value for name, value in incoming.headers.items() if TOLD.fullmatch(name)}
        headers |= _moved(request, self._hub.endpoint, headers)
        if request.method == "HEAD" or incoming.status in (204, 304):
            incoming.abort()
            response = Response(status_code=incoming.status)
            response.init_headers(headers)
            if "content-length" not in headers and "content-length" in response.headers:
                del response.headers["content-length"]
            return response
        return Content(incoming.status, headers, _pieces(incoming))


def may_share(request: Request) -> bool:
    """Whether this is asked with the service's own token, where that is shared at all."""
    return SHARED.fullmatch(request.url.path) is not None


def _moved(request: Request, endpoint: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that lead on: to this service, or else the client would go, with its token, to the hub."""
    ours, moved = address_of(request), {}
    if "link" in headers:
        following = find_link(headers["link"], "next")
        # A listing goes on where it began; only the query is another.
        query = (following or "").partition("?")[2]
        moved["link"] = f'<{ours}{_path(request)}?{query}>; rel="next"' if query else ""
    location = headers.get("location", "")
    if location == endpoint or location.startswith(f"{endpoint}/"):
        moved["location"] = ours + location.removeprefix(endpoint)
    return moved


async def _pieces(incoming: Incoming) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in incoming:
            yield piece
    except WireError as error:
        raise _problem(error) from error
    finally:
        incoming.abort()


def _problem(error: WireError) -> Exception:
    meant = of_wire(error)
    return meant.problem if isinstance(meant, Retryable) else meant


def _path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("latin-1")


def _target(request: Request) -> str:
    """Path and query as they were sent. Raises BadName where they may lead out of the API."""
    path, query = _path(request), request.scope.get("query_string", b"").decode("latin-1")
    target = f"{path}?{query}" if query else path
    if len(target) > LONGEST_TARGET or not target.isascii() or not target.isprintable():
        raise BadName
    # Encoded or not, once or twice: what one server takes for a name is a way up for another.
    if {".", ".."} & set(re.split(r"[/\\]", unquote(unquote(path)))):
        raise BadName
    return target
