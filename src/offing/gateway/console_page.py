"""The console: a page by which the services are tried in a browser, and the files that it consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from offing.kernel.operation import Answer, Operation

HERE = Path(__file__)
PLACES = (HERE.parent / "console", HERE.parents[3] / "console")
"""Where the files are in an installed package, and in a checkout."""
FILES: Mapping[str, tuple[str, str]] = {
    "/console": ("index.html", "text/html"),
    "/console/console.css": ("console.css", "text/css"),
    "/console/asking.js": ("asking.js", "text/javascript"),
    "/console/console.js": ("console.js", "text/javascript"),
    "/console/panels.js": ("panels.js", "text/javascript"),
}
"""The name and the media type of the file at each path; the page itself is the first."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
"""Content-Security-Policy (level 3): scripts of this server alone, which can make no markup out of text."""
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def console() -> Sequence[Operation]:
    """The page and its files, or nothing where the package is built without them, as for a container."""
    return [_operation(path, kind) for path, (_, kind) in FILES.items()] if _place() else []


def text_of(name: str) -> str:
    """A file of the console. Raises FileNotFoundError where the package is built without them."""
    return ((_place() or PLACES[0]) / name).read_text("utf-8")


def _place() -> Path | None:
    return next((place for place in PLACES if (place / FILES["/console"][0]).is_file()), None)


def _operation(path: str, kind: str) -> Operation:
    name = FILES[path][0]

    async def answer(_: Request) -> Response:
        return Response(text_of(name), media_type=kind, headers=HEADERS)

    summary = "The services, to try in a browser" if path == "/console" else "A file of the console"
    return Operation("GET", path, answer, summary, answers={200: Answer("A file.", {"type": "string"}, kind)})
