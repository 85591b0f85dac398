"""Jobs as a server has them: a store on the disk, a runner, and the routes of every kind."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence

from offing.kernel.jobs.folder import UnsafeFolder, folder_of
from offing.kernel.jobs.problems import JobsUnusable
from offing.kernel.jobs.routes import JobRoutes
from offing.kernel.jobs.runner import Pauses, Runner, Work
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.jobs.store import Store
from offing.kernel.jobs.webhook import Webhooks
from offing.kernel.logs import log
from offing.kernel.operation import Operation
from offing.kernel.service import Engine
from offing.kernel.toolbox import Toolbox


class Jobs:
    """Runs beside the engines of an app: started before them, and stopped before them."""

    def __init__(
        self, settings: JobsSettings, toolbox: Toolbox, engines: Mapping[str, Engine], *,
        pauses: Pauses = Pauses(),  # noqa: B008  it cannot be changed
    ) -> None:  # fmt: skip
        self._store = Store(folder_of(settings.dir), most=settings.max, max_bytes=settings.bytes)
        webhooks = Webhooks(settings.webhook_key, toolbox.fetcher)
        kinds = [(name, kind) for name, service in toolbox.services.items() for kind in service.jobs]
        work = {kind.path: Work(kind.work(engines[name]), kind.keeps_answer) for name, kind in kinds}
        self._runner = Runner(self._store, work, webhooks, toolbox, settings, pauses)
        self._routes = [
            JobRoutes(
                kind, name, work[kind.path].operation, runner=self._runner, webhooks=webhooks,
                settings=settings, with_keys=bool(toolbox.settings.api_keys),
            )
            for name, kind in kinds
        ]  # fmt: skip

    def operations(self) -> Sequence[Operation]:
        """The routes of every kind, described."""
        return [operation for routes in self._routes for operation in routes.operations()]

    async def start(self) -> None:
        """Find the jobs that wait. Where their folder cannot be used, requests for jobs are told so."""
        try:
            await self._store.open()
        except (OSError, UnsafeFolder, sqlite3.Error) as error:
            reason = getattr(error, "sqlite_errorname", type(error).__name__)
            log(
                "jobs cannot be kept: their folder cannot be used",
                level=logging.WARNING, reason=reason, remedy=JobsUnusable.remedy,
            )  # fmt: skip
            return
        for routes in self._routes:
            routes.store = self._store
        self._runner.start()

    async def settle(self) -> None:
        """Return once no job runs; while the server drains none begins."""
        await self._runner.settle()

    async def stop(self) -> None:
        """Let what runs wait for the next start, and free the folder."""
        await self._runner.stop()
        await self._store.close()
