"""CORS without credentials: no cookie is ever used, so any origin may be let in safely."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from offing.kernel.toolbox import Toolbox

EXPOSED = ("X-Request-ID", "Server-Timing", "Retry-After")


class Cors:
    """Starlette's CORS layer with the settings' origins."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self._layer = CORSMiddleware(
            app,
            allow_origins=toolbox.settings.cors_origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=("*",),
            allow_credentials=False,
            expose_headers=EXPOSED,
            max_age=86400,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._layer(scope, receive, send)
