"""Lets requests to a service in only while it is ready, and with a key where keys are set."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from offing.kernel.api_keys import HEADER, is_known
from offing.kernel.exchange import exchange_of
from offing.kernel.problems import Unauthorized
from offing.kernel.service import owner_of
from offing.kernel.toolbox import Toolbox

OPEN_PATHS = ("/livez", "/readyz", "/health")
"""What every service answers under its own name, whatever its prefixes are."""


class Gate:
    """Checks the key, then readiness; health, documents and preflights pass."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._toolbox = app, toolbox
        self._hashes = toolbox.settings.api_keys
        self._open = {f"/{name}{path}" for name in toolbox.services for path in OPEN_PATHS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            service = "" if path in self._open else owner_of(path, self._toolbox.services)
            if self._hashes and (service or path == "/metrics"):
                self._check_key(Headers(scope=scope).get(HEADER, ""))
            if service:
                exchange_of(scope).service = service
                await self._toolbox.health.require(service, self._toolbox.settings.start_seconds)
        await self.app(scope, receive, send)

    def _check_key(self, key: str) -> None:
        if not is_known(key, self._hashes):
            raise Unauthorized(
                error="Unauthorized",
                message="Missing or invalid API key. Please provide X-API-Key header.",
                headers={"WWW-Authenticate": 'ApiKey header="X-API-Key"'},
            )
