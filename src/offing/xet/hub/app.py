"""The hub as an ASGI app."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from offing.xet.hub.about_routes import AboutRoutes
from offing.xet.hub.commit_routes import CommitRoutes
from offing.xet.hub.faults import FaultPlan, Faults
from offing.xet.hub.large_file_routes import LargeFileRoutes
from offing.xet.hub.leaving import StopForTheGone
from offing.xet.hub.manage_routes import ManageRoutes
from offing.xet.hub.request_log import RequestLog
from offing.xet.hub.resolve_routes import ResolveRoutes
from offing.xet.hub.routing import Router
from offing.xet.hub.settings import HubSettings
from offing.xet.hub.state import Hub, open_hub
from offing.xet.hub.store_routes import StoreRoutes
from offing.xet.hub.tree_routes import TreeRoutes
from offing.xet.hub.trouble import Troubles

# The store first: its paths are asked for most.
_SIDES = (StoreRoutes, AboutRoutes, TreeRoutes, CommitRoutes, ManageRoutes, LargeFileRoutes, ResolveRoutes)


class HubApp:
    """A folder's hub. With ``faults`` it makes trouble and keeps a log of what is asked.

    ``admin`` lets whoever can connect change the faults: never where others than a test can.
    Raises FolderTaken, BadTokens.
    """

    def __init__(self, settings: HubSettings, faults: Faults | None = None, *, admin: bool = False) -> None:
        self.hub: Hub = open_hub(settings)
        self.log = RequestLog()
        self.plan = FaultPlan(faults or Faults())
        self._asgi: ASGIApp = Router([route for side in _SIDES for route in side(self.hub).routes()])
        if faults is not None:
            self._asgi = Troubles(self._asgi, self.plan, self.log, admin=admin)
        self._asgi = StopForTheGone(self._asgi)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._asgi(scope, receive, send)

    def close(self) -> None:
        """Let another process have the folder."""
        self.hub.disk.close()
