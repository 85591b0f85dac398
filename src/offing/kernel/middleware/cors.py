"""CORS without credentials (Fetch standard, section 3.2): no cookie is used, so any origin is safe."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import exchange_of
from offing.kernel.toolbox import Toolbox

METHODS = "GET, HEAD, POST, DELETE"
EXPOSED = (
    "X-Request-ID, Server-Timing, Retry-After, Location, ETag, Content-Range, X-Repo-Commit, "
    "X-Offing-Verified"
)
PREFLIGHT_SECONDS = 86400


class Cors:
    """Tells browsers which origins may read the answers, and answers their preflights itself."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._origins = app, toolbox.settings.cors_origins
        self._any = "*" in self._origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _is_preflight(scope["method"], headers):
            exchange_of(scope).route = "preflight"
            await Response(status_code=204, headers=self._leave(headers))(scope, receive, send)
            return

        async def send_readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(self._origin(headers) | {"Access-Control-Expose-Headers": EXPOSED})
                if not self._any:
                    answer.add_vary_header("Origin")
            await send(message)

        await self.app(scope, receive, send_readable if "origin" in headers or not self._any else send)

    def _leave(self, headers: Headers) -> dict[str, str]:
        """What a preflight is told; an origin that may not read is told nothing, and the browser stops."""
        return self._origin(headers) | {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": headers.get("access-control-request-headers", "*"),
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Origin, Access-Control-Request-Headers",
        }

    def _origin(self, headers: Headers) -> dict[str, str]:
        origin = headers.get("origin", "")
        allowed = "*" if self._any else origin if origin in self._origins else ""
        return {"Access-Control-Allow-Origin": allowed} if allowed else {}


def _is_preflight(method: str, headers: Headers) -> bool:
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
