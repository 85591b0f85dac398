"""The rooms that have settings: the server, outbound fetches, jobs, and each installed service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from offing.kernel.fetch import PREFIX as FETCH_PREFIX
from offing.kernel.fetch import FetchSettings
from offing.kernel.jobs.settings import PREFIX as JOBS_PREFIX
from offing.kernel.jobs.settings import JobsSettings
from offing.kernel.server_settings import PREFIX as SERVER_PREFIX
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import installed

ARGUMENTS = frozenset({"OFFING_SERVICE"})
"""Variables that stand for an argument of a command instead of a setting."""


@dataclass(frozen=True)
class Room:
    """A record of settings and what its variables start with."""

    name: str
    title: str
    record: type[msgspec.Struct]
    prefix: str


def rooms() -> list[Room]:
    """Every room, the kernel's own first."""
    kernel = [
        Room("server", "Server", ServerSettings, SERVER_PREFIX),
        Room("fetch", "Outbound fetches", FetchSettings, FETCH_PREFIX),
        Room("jobs", "Jobs", JobsSettings, JOBS_PREFIX),
    ]
    return kernel + [
        Room(each.name, each.title, each.settings, each.env_prefix) for each in installed().values()
    ]


def known_variables(names: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Every variable that something reads, given those of each setting."""
    return ARGUMENTS.union(*names)
