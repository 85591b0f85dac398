"""What a download command asks for, carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from offing.cli.wording import printable
from offing.cli.xet.places import Places
from offing.cli.xet.progress import Progress, progress
from offing.cli.xet.selection import Patterns, select
from offing.cli.xet.session import opened
from offing.cli.xet.sizes import spell_size
from offing.cli.xet.work import Outcome, Work
from offing.xet.engine.repository import Repository


@dataclass(frozen=True)
class Order:
    """Which files, and where to."""

    repository: Repository
    names: Sequence[str]
    patterns: Patterns
    folder: Path
    token: str | None = field(repr=False)
    parallel: int
    """Files at a time."""
    sha256: bool


async def carry_out(order: Order) -> Outcome:
    """Download, and tell of it on standard error. Raises a Problem where nothing can be begun."""
    async with opened(order.token) as session:
        # A branch may move on while files come; they are all of one commit.
        info = await session.reader.hub.info(order.repository, session.token)
        repository = order.repository.at(info.commit)
        wanted = await select(session, repository, order.names, order.patterns)
        with progress(sum(each.size for each in wanted)) as shown:
            work = Work(session, repository, Places(order.folder), sha256=order.sha256)
            outcome = await work.do(wanted, shown, parallel=order.parallel)
    click.echo(printable(_summary(order, outcome, shown, len(wanted))), err=True)
    return outcome


def _summary(order: Order, outcome: Outcome, shown: Progress, wanted: int) -> str:
    count = len(outcome.files)
    files = f"{count} file{'s' * (wanted != 1)}" if count == wanted else f"{count} of {wanted} files"
    rate = f" at {spell_size(shown.rate)}/s" if shown.fetched else ""
    verified = (
        f", {outcome.unverified} not verified" if outcome.unverified else ", all verified" * (count > 0)
    )
    return f"{files} in {order.folder}: {spell_size(shown.fetched)} fetched{rate}{verified}."
