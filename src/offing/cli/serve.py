"""``offing serve``: the gateway on this machine, or one service as its container runs it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from offing.kernel.heaps import loading
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import NotInstalled, Service, chosen
from offing.kernel.settings import load
from offing.kernel.workers.launch import launch_early

if TYPE_CHECKING:
    from offing.kernel.app import App


@click.command()
@click.argument("services", nargs=-1, envvar="OFFING_SERVICE")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1, or OFFING_HOST]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [default: 8787, or PORT]"
)
@click.option(
    "--standalone", is_flag=True, help="Serve one service as its container does, with its own / and /health."
)
def command(services: tuple[str, ...], host: str | None, port: int | None, *, standalone: bool) -> None:
    """Serve SERVICES, or all that are installed, under the paths that the Worker uses."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    with loading():
        records = chosen(services)
        if standalone and len(records) != 1:
            raise NotInstalled("--standalone takes the name of one service.")
        app = assembled(records, given, standalone=standalone)
        from offing.kernel.server import run
    pages = ["docs"] if standalone else ["console", "docs"]
    sys.exit(run(app, lambda base: announce(base, records, pages)))


def assembled(records: Sequence[Service], given: Mapping[str, Any], *, standalone: bool) -> App:
    """The app, its worker processes already starting: what they load, they load beside it."""
    for record in records:
        for handler in record.handlers:
            launch_early(handler)
    from offing.kernel.app import App

    if standalone:
        from offing.kernel.standalone import front
    else:
        from offing.gateway.front import front
    return App(records, msgspec.structs.replace(load(ServerSettings, PREFIX), **given), front)


def announce(base: str, services: list[Service], pages: list[str]) -> None:
    """Print what runs where, and how to try it."""
    lines = [f"offing: listening on {base}"]
    lines += [
        f"  {service.name:<10} {service.summary}  ({', '.join(service.prefixes)})" for service in services
    ]
    lines += [f"  {page:<10} {base}/{page}" for page in pages]
    lines += ["", "Try it:"]
    lines += [f"  {line.format(base=base)}" for service in services for line in service.try_it]
    click.echo("\n".join(lines))
    sys.stdout.flush()
