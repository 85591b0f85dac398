"""``offing xet cache``: what the service keeps on disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from offing.cli.xet.sizes import Size

if TYPE_CHECKING:
    from offing.xet.engine.cache import Cache

EPILOG = """\b
Examples:
  offing xet cache
  offing xet cache prune --to 5GB
  OFFING_XET_CACHE_DIR=/srv/xet offing xet cache clear

OFFING_XET_CACHE_DIR and OFFING_XET_CACHE_BYTES say where it is and how large it may be. All of this is safe
while services use it.
"""


@click.group(invoke_without_command=True, epilog=EPILOG)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List or shrink the cache of verified files."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_files)


@command.command("ls")
def list_files() -> None:
    """List the files by their hashes, the most recently used last."""
    from offing.cli.xet.kept import table

    async def work(cache: Cache) -> None:
        click.echo(table(await cache.entries()), nl=False)

    _run(work)


@command.command()
@click.option("--to", type=Size(), help="Bytes to be left, as 5GB.  [default: OFFING_XET_CACHE_BYTES]")
def prune(to: int | None) -> None:
    """Delete what was least recently used until the cache is no larger than its bound."""
    from offing.cli.xet.kept import settings

    most = settings().cache_bytes if to is None else to
    _run(lambda cache: cache.prune(most))


@command.command()
def clear() -> None:
    """Delete everything that is not being written just now, and what is known of the files' names."""
    from offing.cli.xet.kept import forget_names

    async def work(cache: Cache) -> None:
        await cache.clear()
        await forget_names()

    _run(work)


def _run(work: Callable[[Cache], Awaitable[None]]) -> None:
    import asyncio

    from offing.cli.xet.kept import opened
    from offing.cli.xet.sizes import spell_size

    async def run() -> None:
        async with opened() as cache:
            if cache is not None:
                await work(cache)
            found = cache.statistics() if cache is not None else None
        entries, size = (found.entries, found.bytes) if found is not None else (0, 0)
        click.echo(f"{entries} file{'s' * (entries != 1)}, {spell_size(size)}", err=True)

    asyncio.run(run())
