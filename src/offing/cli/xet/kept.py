"""The service's cache, opened for a command."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from offing.cli.xet.session import PREFIX
from offing.cli.xet.sizes import spell_size
from offing.kernel.problems import Problem
from offing.kernel.settings import load
from offing.xet.engine.cache import Cache, Item, UnsafeFolder
from offing.xet.known_files import KnownFiles
from offing.xet.library import DEFAULT_FOLDER, KNOWN
from offing.xet.settings import XetSettings

UNBOUNDED = 2**62
"""A command evicts nothing that it was not told to: the service's bound may be another than that of here."""


class CacheUnusable(Problem):
    """The cache's folder cannot be used."""

    code = "cache-unusable"
    text = "The cache's folder cannot be read or changed."
    remedy = "OFFING_XET_CACHE_DIR names it; it has to belong to you."
    exit_code = 3


def settings() -> XetSettings:
    """Those of the service. Raises BadSetting."""
    return load(XetSettings, PREFIX)


def place() -> Path:
    """The cache's folder."""
    named = settings().cache_dir
    return Path(named) if named else DEFAULT_FOLDER.expanduser()


async def forget_names() -> None:
    """Delete what the service remembers for the times when it is offline."""
    known = KnownFiles(place() / KNOWN, settings().endpoint)
    try:
        await known.start(beside_cache=True)
        await known.clear()
    finally:
        await known.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Cache | None]:
    """The cache; None where there is none. Raises :class:`CacheUnusable`."""
    folder = place()
    if not folder.is_dir():
        yield None
        return
    cache = Cache(folder, max_bytes=UNBOUNDED)
    try:
        await cache.start()
        yield cache
    except (OSError, UnsafeFolder):
        raise CacheUnusable from None
    finally:
        await cache.close()


def table(items: Sequence[Item], now: float | None = None) -> str:
    """A line a file: size, how long ago it was used, hash; each line ended."""
    now = time.time() if now is None else now
    rows = [("size", "used", "xet hash")]
    rows += [(spell_size(each.bytes), _ago(now - each.used), each.file_hash) for each in items]
    return "".join(f"{size:>8}  {used:>8}  {name}\n" for size, used, name in rows) if items else ""


def _ago(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "now"
