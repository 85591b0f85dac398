"""The routes that every app has: health, metrics, and its own description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from offing.kernel.health import RETRY_SECONDS, State, not_ready
from offing.kernel.metrics import CONTENT_TYPE
from offing.kernel.openapi import document, problem
from offing.kernel.operation import Answer, Operation

if TYPE_CHECKING:
    from offing.kernel.app import App
    from offing.kernel.service import Service

ANY_OBJECT = {"type": "object"}
DESCRIPTION = "Small heavy services in containers just beyond your application."


def service_health(app: App, service: Service) -> Sequence[Operation]:
    """Health under the service's own name, as the Worker passes it on."""

    async def health(_: Request) -> Response:
        return answer_health(app.toolbox.health.state(service.name), app.health_of(service))

    return (
        *_probes(f"/{service.name}", lambda: app.toolbox.health.state(service.name)),
        health_operation(f"/{service.name}/health", health, f"Health of {service.name}"),
    )


def system_operations(app: App) -> Sequence[Operation]:
    """Liveness, readiness, metrics and documents of the whole app."""

    async def metrics(_: Request) -> Response:
        return Response(app.toolbox.metrics.render(), media_type=CONTENT_TYPE)

    @cache
    def described() -> dict[str, Any]:
        return document(app.operations, "Offing", DESCRIPTION)

    async def openapi(_: Request) -> Response:
        return JSONResponse(described())

    async def docs(request: Request) -> Response:
        from offing.kernel.docs_page import page

        base = str(request.base_url).rstrip("/")
        lines = [line.format(base=base) for each in app.toolbox.services.values() for line in each.try_it]
        return HTMLResponse(
            page(described(), lines),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    return (
        *_probes("", app.toolbox.health.overall),
        Operation("GET", "/metrics", metrics, "Prometheus metrics",
                  answers={200: Answer("Text exposition format.", {"type": "string"}, "text/plain")}),
        Operation("GET", "/openapi.json", openapi, "This description",
                  answers={200: Answer("OpenAPI 3.1.", ANY_OBJECT)}),
        Operation("GET", "/docs", docs, "This description, to read",
                  answers={200: Answer("A page.", {"type": "string"}, "text/html")}),
    )  # fmt: skip


def health_operation(
    path: str, endpoint: Callable[[Request], Awaitable[Response]], summary: str
) -> Operation:
    """An operation that tells health."""
    answers = {200: Answer("Ready.", ANY_OBJECT), 503: Answer("Not ready; the status says why.", ANY_OBJECT)}
    return Operation("GET", path, endpoint, summary, answers=answers)


def answer_health(state: State, body: dict[str, Any]) -> Response:
    """A health body with the status that its state calls for."""
    ready = state is State.READY
    retry = {} if ready else {"Retry-After": str(RETRY_SECONDS[state])}
    return JSONResponse(body, 200 if ready else 503, {"Cache-Control": "no-store", **retry})


def _probes(prefix: str, state: Callable[[], State]) -> Sequence[Operation]:
    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers={"Cache-Control": "no-store"})

    async def readyz(_: Request) -> Response:
        if (now := state()) is not State.READY:
            raise not_ready(now)
        return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})

    return (
        Operation("GET", f"{prefix}/livez", livez, "Whether the process answers",
                  answers={200: Answer("Alive.", ANY_OBJECT)}),
        Operation("GET", f"{prefix}/readyz", readyz, "Whether requests are taken",
                  answers={200: Answer("Ready.", ANY_OBJECT), 503: problem("Starting, draining or failed.")}),
    )  # fmt: skip
