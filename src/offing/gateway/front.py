"""The front of an app with many services: what is here, and how all of it is."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import offing
from offing.gateway.console_page import console
from offing.kernel.app import App
from offing.kernel.health import State
from offing.kernel.jobs.jobs import Jobs
from offing.kernel.jobs.settings import PREFIX as JOBS_PREFIX
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.operation import Answer, Operation
from offing.kernel.settings import load
from offing.kernel.system_routes import ANY_OBJECT, answer_health, health_operation


def front(app: App) -> Sequence[Operation]:
    """``/``, the aggregated ``/health``, the console, and the jobs of every service."""
    jobs = Jobs(load(JobsSettings, JOBS_PREFIX), app.toolbox, app.engines)
    app.companions.append(jobs)
    of_jobs = jobs.operations()
    shown = console()

    async def root(_: Request) -> Response:
        return JSONResponse(
            {
                "service": "offing",
                "version": offing.__version__,
                "services": {name: _introduce(app, name, of_jobs) for name in app.engines},
                "docs": "/docs",
                **({"console": shown[0].path} if shown else {}),
                "openapi": "/openapi.json",
            }
        )

    async def health(_: Request) -> Response:
        state = app.toolbox.health.overall()
        services = {name: app.health_of(service) for name, service in app.toolbox.services.items()}
        body = {
            "status": "healthy" if state is State.READY else str(state),
            "service": "offing",
            "version": offing.__version__,
            "services": services,
        }
        return answer_health(state, body)

    return (
        Operation(
            "GET", "/", root, "What is served here", answers={200: Answer("The services.", ANY_OBJECT)}
        ),
        health_operation("/health", health, "Health of every service"),
        *shown,
        *of_jobs,
    )


def _introduce(app: App, name: str, of_jobs: Sequence[Operation]) -> dict[str, object]:
    service = app.toolbox.services[name]
    places = tuple(kind.path for kind in service.jobs)
    operations = [*app.engines[name].operations, *(each for each in of_jobs if each.path.startswith(places))]
    return {
        "title": service.title,
        "summary": service.summary,
        "routes": [f"{operation.method} {operation.path}" for operation in operations],
        "health": f"/{name}/health",
    }
