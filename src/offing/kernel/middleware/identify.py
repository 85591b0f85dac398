"""The outermost layer: gives each request its id and its record, and logs its end."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import KEY, Exchange, known, request_id
from offing.kernel.logs import log
from offing.kernel.toolbox import Toolbox

BODILESS = "x-offing-bodiless"
"""``close``: who asks cannot use a connection again after an answer that has no body."""
WITHOUT_BODY = {204, 304}


class Identify:
    """Takes or makes the request id, returns it, and logs one line an answer."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._logged, self._health = app, toolbox.settings.log_requests, toolbox.health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        exchange = Exchange(request_id(asked.get("x-request-id")), known(scope["method"]))
        scope[KEY] = exchange
        is_picky = asked.get(BODILESS) == "close"

        async def send_identified(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status, exchange.answered = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = exchange.id
                bodiless = scope["method"] == "HEAD" or message["status"] in WITHOUT_BODY
                if self._health.draining or (is_picky and bodiless):
                    headers["Connection"] = "close"  # the client's next request belongs elsewhere
            await send(message)

        try:
            await self.app(scope, receive, send_identified)
        finally:
            if self._logged:
                _log(exchange)


def _log(exchange: Exchange) -> None:
    log(
        "request",
        request_id=exchange.id,
        service=exchange.service,
        method=exchange.method,
        route=exchange.route,
        status=exchange.status,
        milliseconds=round(exchange.milliseconds, 2),
        bytes_in=exchange.bytes_in,
        bytes_out=exchange.bytes_out,
        cache=exchange.cache or None,
    )
