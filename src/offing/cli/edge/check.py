"""``offing edge check``: what is wrong in a wrangler configuration, with where and what to do."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from offing.edge.check import Finding
    from offing.edge.check.built import Sizes
    from offing.edge.configuration import Deployment

EPILOG = """\b
Exit codes:
  0    nothing is wrong
  1    something is: each line says where, what, and what to do
  2    the configuration can't be read
"""


@click.command(epilog=EPILOG)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[WRANGLER.JSONC]")
@click.option(
    "--service",
    "services",
    multiple=True,
    metavar="NAME",
    help="A service that must have a container.  [default: every installed one]",
)
@click.option(
    "--images/--no-images", default=True, help="Compare built images with the disks.  [default: yes]"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(file: Path | None, *, services: tuple[str, ...], images: bool, as_json: bool) -> None:
    """Check a wrangler configuration before it is deployed.

    Looks at what wrangler finds only on deploying, or never: limits of instance types, numbers of instances,
    classes, images, settings, secrets. Asks nobody but the Docker engine here.
    """
    from offing.edge.configuration import USUAL_PLACES, usual_place

    place = file or usual_place(Path()) or USUAL_PLACES[0]
    sys.exit(1 if complaints(place, services, images=images, as_json=as_json) else 0)


def complaints(
    place: Path, services: Sequence[str], *, images: bool = True, as_json: bool = False
) -> list[Finding]:
    """What is wrong in a configuration, which has been told."""
    from offing.cli.rooms import rooms
    from offing.edge.check import check
    from offing.edge.check.built import Sizes, check_sizes
    from offing.edge.configuration import deployments, read_file
    from offing.kernel.service import chosen

    document = read_file(place)
    deployed = deployments(document)
    names = [service.name for service in chosen(services)]
    found = check(document, place.parent, names, [(room.record, room.prefix) for room in rooms()])
    sizes = check_sizes(deployed) if images else Sizes((), (), ("image sizes: --no-images",))
    found = sorted([*found, *sizes.findings], key=lambda each: each.line)
    click.echo(_json(place, found, sizes) if as_json else _text(place, found, sizes, deployed))
    return found


def _text(place: Path, found: list[Finding], sizes: Sizes, deployed: list[Deployment]) -> str:
    lines = []
    for each in found:
        lines.append(f"{place}:{each.line}: {each.path or 'the document'}: {each.wrong}.")
        lines.append(textwrap.indent(textwrap.fill(each.remedy, 92, break_on_hyphens=False), "    "))
    lines += [f"left out: {each}" for each in sizes.left_out]
    if found:
        lines.append(f"{place}: {len(found)} to mend.")
    else:
        containers = ", ".join(f"{each.class_name} on {each.kind}" for each in deployed[0].containers)
        lines.append(f"{place} can be deployed: {containers}.")
        lines += [f"  {each}" for each in sizes.fitting]
        lines += [f"  {each}" for each in kept_warm(deployed[0])]
        if secrets := [str(each.value) for each in deployed[0].secrets]:
            lines.append(f"  It needs the secrets {', '.join(secrets)}: npx wrangler secret put NAME.")
    return "\n".join(lines)


def kept_warm(deployment: Deployment) -> Iterator[str]:
    """What each service that KEEP_WARM names costs for being awake, as a sentence."""
    from offing.edge.configuration import words
    from offing.edge.cost.bill import bill
    from offing.edge.cost.prices import PLAN
    from offing.edge.cost.workload import Arrival, Workload

    variable = deployment.variables.get("KEEP_WARM")
    named = words(variable.value) if variable is not None else []
    for container in deployment.containers:
        if container.service in named and container.kind is not None:
            idle = bill(Workload(requests=0, arrival=Arrival.ALWAYS), container.kind).total - PLAN.dollars
            yield f"One {container.class_name} kept warm costs ${idle:.2f} a month beyond the plan, at rest."


def _json(place: Path, found: list[Finding], sizes: Sizes) -> str:
    import json

    listed = [
        {"line": each.line, "path": each.path, "wrong": each.wrong, "remedy": each.remedy} for each in found
    ]
    left_out, fitting = list(sizes.left_out), list(sizes.fitting)
    return json.dumps(
        {"file": str(place), "findings": listed, "left_out": left_out, "images": fitting}, indent=2
    )
