"""Finds the handler for a path, before its percent-encoding is undone.

A branch may be called ``feature/x`` and comes as ``feature%2Fx``: only the raw path tells where it ends.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from offing.xet.hub.refusals import Refusal, bad

Handler = Callable[[Request], Awaitable[Response]]
LONGEST_PATH = 8192
_PART = re.compile(r"\{(\w+)(:path|:kind)?\}")
_PATTERNS = {None: r"[^/]+", ":path": r".*", ":kind": "models|datasets|spaces"}


@dataclass(frozen=True)
class Route:
    """What answers a method at paths of a form.

    In a template ``{name}`` is one part of the path, ``{name:path}`` the rest of it, ``{name:kind}`` a
    kind of repository.
    """

    methods: tuple[str, ...]
    template: str
    handler: Handler


class Router:
    """The app behind every layer; turns a Refusal into its answer."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(_compile(route.template), route) for route in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            response = refusal.answer()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        raw = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
        if len(raw) > LONGEST_PATH:
            raise Refusal(414, "The path is too long.")
        matched = False
        for pattern, route in self._routes:
            match = pattern.fullmatch(raw)
            if match is None:
                continue
            matched = True
            if request.method in route.methods:
                request.scope["path_params"] = {
                    name: _plain(text) for name, text in match.groupdict().items()
                }
                return await route.handler(request)
        raise Refusal(405, "Method not allowed") if matched else Refusal(404, "Not found")


def _plain(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise bad("The path is not UTF-8.") from None


def _compile(template: str) -> re.Pattern[str]:
    pattern, place = "", 0
    for match in _PART.finditer(template):
        pattern += re.escape(template[place : match.start()]) + f"(?P<{match[1]}>{_PATTERNS[match[2]]})"
        place = match.end()
    return re.compile(pattern + re.escape(template[place:]))
