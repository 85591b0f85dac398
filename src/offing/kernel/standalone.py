"""The front of an app with a single service, as its container runs it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import offing
from offing.kernel.app import App
from offing.kernel.operation import Answer, Operation
from offing.kernel.system_routes import ANY_OBJECT, answer_health, health_operation


def front(app: App) -> Sequence[Operation]:
    """``/`` and ``/health`` in the body that the service promises."""
    (service,) = app.toolbox.services.values()

    async def health(_: Request) -> Response:
        return answer_health(app.toolbox.health.state(service.name), app.health_of(service))

    async def usage(request: Request) -> Response:
        base = f"{request.url.scheme}://{request.url.netloc}"
        return JSONResponse(
            {
                "service": service.public_name,
                "version": offing.__version__,
                "summary": service.summary,
                "routes": [f"{each.method} {each.path}" for each in app.engines[service.name].operations],
                "try_it": [line.format(base=base) for line in service.try_it],
                "docs": "/docs",
            }
        )

    root = health_operation("/", health, f"Health of {service.name}")
    if service.tells_usage:
        root = Operation("GET", "/", usage, "How it is used", answers={200: Answer("Usage.", ANY_OBJECT)})
    return (
        root,
        health_operation("/health", health, f"Health of {service.name}"),
    )
