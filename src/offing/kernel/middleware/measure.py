"""Counts and times every answer, and tells the client its stages (Server-Timing, W3C)."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from offing.kernel.exchange import Exchange, exchange_of
from offing.kernel.metrics import Metrics
from offing.kernel.toolbox import Toolbox


class Measure:
    """Feeds the metrics and adds the Server-Timing header."""

    def __init__(self, app: ASGIApp, toolbox: Toolbox) -> None:
        self.app, self._metrics = app, toolbox.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = exchange_of(scope)

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Server-Timing"] = server_timing(exchange)
            elif exchange.method != "HEAD":  # whose body the server leaves out
                exchange.bytes_out += len(message.get("body", b""))
            await send(message)

        self._metrics.in_flight.inc()
        try:
            await self.app(scope, receive, send_timed)
        finally:
            self._metrics.in_flight.dec()
            count(self._metrics, exchange)


def server_timing(exchange: Exchange) -> str:
    """The header's value: each stage, then the total so far, in milliseconds."""
    stages = {**exchange.stages, "total": exchange.milliseconds}
    return ", ".join(f"{name};dur={milliseconds:.2f}" for name, milliseconds in stages.items())


def count(metrics: Metrics, exchange: Exchange) -> None:
    """Add one exchange to the metrics."""
    service, route = exchange.service, exchange.route
    metrics.requests.labels(service, route, exchange.method, exchange.status).inc()
    metrics.seconds.labels(service, route).observe(exchange.milliseconds / 1000)
    metrics.bytes_in.labels(service).inc(exchange.bytes_in)
    metrics.bytes_out.labels(service).inc(exchange.bytes_out)
    if exchange.cache:
        metrics.cache.labels(service, exchange.cache).inc()
