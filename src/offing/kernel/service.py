"""The record by which a service is known, and the services that are installed here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from offing.kernel.jobs.kind import JobKind
from offing.kernel.problems import Problem

if TYPE_CHECKING:
    import msgspec

    from offing.kernel.operation import Operation
    from offing.kernel.toolbox import Toolbox

ENTRY_POINTS = "offing.services"
PACKAGE = "offing"
"""Whose rooms bring a service each, as the entry points of other packages do."""


class NotInstalled(Problem):
    """A service was named that is not installed here."""

    code = "not-installed"
    status = 404
    text = "No such service is installed."
    remedy = "`offing doctor` lists the services and how to install them."
    exit_code = 2


class Engine(Protocol):
    """A service's engine as the kernel drives it: built cold, started, asked, stopped."""

    operations: Sequence[Operation]

    async def start(self) -> None:
        """Bring up workers and end with one real call, so that ready means ready."""

    async def stop(self) -> None:
        """Free everything; called once, after the last request has been answered."""

    def health(self) -> dict[str, Any]:
        """The members that this service's ``/health`` adds to its state."""


class Service(msgspec.Struct, frozen=True):
    """What the gateway, the command line and the Worker need to know of a service."""

    name: str
    title: str
    summary: str
    prefixes: tuple[str, ...]
    """The path prefixes that belong to it, at the gateway and at the Worker."""
    settings: type[msgspec.Struct]
    build: Callable[[Any, Toolbox], Engine]
    """Makes the engine from its settings; cheap: nothing is started."""
    public_name: str
    """What its health body calls it."""
    max_body: Callable[[Any], int]
    """The largest request body in bytes, given its settings."""
    patterns: tuple[str, ...] = ()
    """Regular expressions of whole paths that belong to it besides, where no prefix tells them."""
    handlers: tuple[str, ...] = ()
    """``module:function`` of its worker processes, which a server starts before it loads itself."""
    tells_usage: bool = False
    """Whether its container's ``/`` tells how it is used, instead of how it is."""
    try_it: tuple[str, ...] = ()
    """Command lines that show it; ``{base}`` stands for the server's address."""
    jobs: tuple[JobKind, ...] = ()
    """Its work that may be asked for as a job, at the gateway and at the Worker."""

    @property
    def env_prefix(self) -> str:
        """What its settings' variables start with."""
        return f"OFFING_{self.name.upper()}_"


def installed() -> dict[str, Service]:
    """Every installed service by name, in the order of their names."""
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)
    return {each.name: each.load() for each in found}


def chosen(names: Sequence[str]) -> list[Service]:
    """The named services, or all where none is named. Raises :class:`NotInstalled`."""
    if not names:
        return [*installed().values()]
    return [_own(name) or _installed(name) for name in names]


def _own(name: str) -> Service | None:
    """A service of this package; a look at all that is installed is a tenth of a server's start."""
    try:
        if not name.isidentifier() or find_spec(f"{PACKAGE}.{name}.service") is None:
            return None
    except ModuleNotFoundError:
        return None
    found = getattr(import_module(f"{PACKAGE}.{name}.service"), "service", None)
    return found if isinstance(found, Service) else None


def _installed(name: str) -> Service:
    if (found := installed().get(name)) is None:
        raise NotInstalled(f"No service named {name!r} is installed.")
    return found


def owner_of(path: str, services: Mapping[str, Service]) -> str:
    """The name of the service that a path belongs to, or "" where it belongs to none."""
    for name, service in services.items():
        if any(path == prefix or path.startswith(prefix + "/") for prefix in service.prefixes):
            return name
    for name, service in services.items():
        if any(re.fullmatch(pattern, path) for pattern in service.patterns):
            return name
    return ""
