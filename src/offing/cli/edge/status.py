"""``offing edge status``: what is deployed, as wrangler's own commands tell it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from offing.edge.deploy.wrangler import Wrangler

QUESTIONS = (
    ("Deployment", ("deployments", "status")),
    ("Containers", ("containers", "list")),
    ("Images", ("containers", "images", "list")),
    ("Secrets", ("secret", "list", "--format", "pretty")),
)
"""What is told, and wrangler's command for it."""
FAILED = 3


@click.command()
@click.option(
    "--config", type=click.Path(path_type=Path), help="The wrangler.jsonc.  [default: worker/wrangler.jsonc]"
)
def command(config: Path | None) -> None:
    """Say what is deployed: versions, containers, images, secrets.

    Exits with 3 where wrangler can't tell one of them; the others are told all the same.
    """
    from offing.edge.configuration import USUAL_PLACES, deployments, read_file, usual_place
    from offing.edge.deploy.resources import named
    from offing.edge.deploy.wrangler import find

    place = config or usual_place(Path()) or USUAL_PLACES[0]
    resources = named(deployments(read_file(place))[0])
    wrangler = find(place.parent)
    if wrangler.ask("whoami", "--json").code:
        click.echo(
            "Wrangler is not logged in. Run `npx wrangler login` in worker/, or set CLOUDFLARE_API_TOKEN.",
            err=True,
        )
        sys.exit(FAILED)
    listed = [
        (str(each).removeprefix("the ").capitalize(), (*each.command, "info", each.name))
        for each in resources
    ]
    told = [_tell(wrangler, title, question) for title, question in (*QUESTIONS, *listed)]
    sys.exit(0 if all(told) else FAILED)


def _tell(wrangler: Wrangler, title: str, question: tuple[str, ...]) -> bool:
    """Whether wrangler could answer."""
    answer = wrangler.ask(*question)
    click.echo(f"== {title}")
    if answer.code == 0:
        click.echo(answer.out.strip() or "none")
    elif answer.is_missing:
        click.echo("Not there: `make deploy` makes it.")
    else:
        click.echo(f"`wrangler {' '.join(question)}` failed: {answer.complaint}\n{answer.remedy}")
    click.echo("")
    return answer.code == 0 or answer.is_missing
