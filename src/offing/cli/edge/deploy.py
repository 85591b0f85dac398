"""``offing edge deploy``: checks, what the account needs, then wrangler.

configuration ── checks ── a part of it, where SERVICES asks ── secrets, queues, buckets ── wrangler deploy
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from offing.edge.configuration import Deployment
    from offing.edge.deploy.wrangler import Wrangler

EPILOG = """\b
What follows -- goes to wrangler:
  offing edge deploy -- --containers-rollout immediate

\b
Exit codes:
  0    it is deployed
  1    the configuration is wrong, or a secret missing: nothing was deployed
  2    the configuration can't be read, or has no such service
  3    wrangler failed
"""
REHEARSAL = ("--dry-run", "--containers-rollout=none", "--outdir", ".wrangler/bundle")


@click.command(epilog=EPILOG)
@click.option(
    "--service", "services", multiple=True, metavar="NAME",
    help="Deploy these alone.  [default: SERVICES, or all]",
)  # fmt: skip
@click.option(
    "--config", type=click.Path(path_type=Path), help="The wrangler.jsonc.  [default: worker/wrangler.jsonc]"
)
@click.option("--dry-run", is_flag=True, help="Check and bundle; ask no account, deploy nothing.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-- WRANGLER OPTIONS]")
def command(
    services: tuple[str, ...], config: Path | None, *, dry_run: bool, options: tuple[str, ...]
) -> None:
    """Check a configuration, then deploy it by wrangler.

    Makes the queues and buckets that the configuration names and the account lacks. Every step says what it
    does, and may be done again.
    """
    from offing.cli.edge.check import complaints
    from offing.edge.configuration import USUAL_PLACES, deployments, read_file, usual_place, words
    from offing.edge.deploy.part import part, written
    from offing.edge.deploy.wrangler import find
    from offing.kernel.settings import environment

    place = config or usual_place(Path()) or USUAL_PLACES[0]
    chosen = list(dict.fromkeys(services or words(environment().get("SERVICES"))))
    deployment = deployments(read_file(place))[0]
    document = part(deployment, chosen) if chosen else None
    if complaints(place, chosen):
        sys.exit(1)
    wrangler = find(place.parent)
    if not dry_run:
        _prepare(wrangler, deployment)
    asked = (*(REHEARSAL if dry_run else ()), *options)
    if document is None:
        sys.exit(_deploy(wrangler, place, asked))
    click.echo(f"Only {', '.join(chosen)}: the Worker answers 404 for the other services.")
    with written(document, place.parent) as file:
        sys.exit(_deploy(wrangler, file, asked))


def _prepare(wrangler: Wrangler, deployment: Deployment) -> None:
    """See to what the account must have."""
    from offing.edge.deploy.resources import create, named
    from offing.edge.deploy.secrets import absent, given, missing

    there = given(wrangler)
    if lacking := missing(deployment, there):
        for name in lacking:
            click.echo(f"The secret {name} is missing: npx wrangler secret put {name}", err=True)
        sys.exit(1)
    for each in absent(there):
        click.echo(f"not set: {each}")
    for resource, was_made in create(wrangler, named(deployment)):
        click.echo(f"{'made' if was_made else 'there'}: {resource}")


def _deploy(wrangler: Wrangler, file: Path, options: tuple[Any, ...]) -> int:
    from offing.edge.deploy.wrangler import USUAL_REMEDY, WranglerFailed

    if wrangler.run("deploy", "--config", file.name, *options):
        raise WranglerFailed("Nothing, or not all, was deployed.", remedy=USUAL_REMEDY)
    return 0
