"""The front of an app with a single service, as its container runs it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from offing.kernel.app import App
from offing.kernel.operation import Operation
from offing.kernel.system_routes import answer_health, health_operation


def front(app: App) -> Sequence[Operation]:
    """``/`` and ``/health`` in the body that the service promises."""
    (service,) = app.toolbox.services.values()

    async def health(_: Request) -> Response:
        return answer_health(app.toolbox.health.state(service.name), app.health_of(service))

    return (
        health_operation("/", health, f"Health of {service.name}"),
        health_operation("/health", health, f"Health of {service.name}"),
    )
