"""``offing edge``: what deploying to Cloudflare costs, and whether its configuration is right."""

from __future__ import annotations

import click

from offing.cli.group import LazyGroup

COMMANDS = {
    "check": "Check a wrangler configuration before it is deployed.",
    "cost": "Price a month of work, line by line, here and elsewhere.",
}


@click.group(cls=LazyGroup, package="offing.cli.edge", summaries=COMMANDS)
def command() -> None:
    """Price a deployment on Cloudflare, and check its configuration."""
