"""``offing edge``: deploying to Cloudflare: what it costs, whether its configuration is right, doing it."""

from __future__ import annotations

import click

from offing.cli.group import LazyGroup

COMMANDS = {
    "check": "Check a wrangler configuration before it is deployed.",
    "cost": "Price a month of work, line by line, here and elsewhere.",
    "deploy": "Check a configuration, then deploy it by wrangler.",
    "status": "Say what is deployed: versions, containers, images, secrets.",
    "docs": "Write the pages that describe the services, for the Worker to serve.",
}


@click.group(cls=LazyGroup, package="offing.cli.edge", summaries=COMMANDS)
def command() -> None:
    """Deploy to Cloudflare: check, price, do it, and say what is there."""
