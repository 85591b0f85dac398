"""A reader of the hub that the settings name, for the time of a command."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offing.cli.xet.advice import advised
from offing.kernel.fetch import PREFIX as FETCH_PREFIX
from offing.kernel.fetch import FetchSettings
from offing.kernel.service import NotInstalled
from offing.kernel.settings import BadSetting, load
from offing.xet.settings import XetSettings

if TYPE_CHECKING:
    from offing.xet.engine.reader import Reader

PREFIX = "OFFING_XET_"
MODULES = ("blake3", "lz4", "numpy")


@dataclass(frozen=True)
class Session:
    """A reader, and who asks."""

    reader: Reader
    token: str | None = field(repr=False)


@asynccontextmanager
async def opened(token: str | None) -> AsyncIterator[Session]:
    """A session with the token of the command, or else that of the settings. Raises a Problem."""
    if any(importlib.util.find_spec(name) is None for name in MODULES):
        raise NotInstalled("What Xet needs is not installed.", remedy="Install it: pip install 'offing[xet]'")
    from offing.xet.engine.limits import Limits
    from offing.xet.engine.reader import Reader

    settings, fetch = load(XetSettings, PREFIX), load(FetchSettings, FETCH_PREFIX)
    limits = Limits(settings.memory, settings.stall_seconds, settings.patience_seconds)
    try:
        reader = Reader(settings.endpoint, stores=settings.stores, limits=limits, fetch=fetch)
    except ValueError:
        raise BadSetting("The hub or a content store is set to what is no address.") from None
    async with reader:
        with advised():
            yield Session(reader, token or settings.token or None)
