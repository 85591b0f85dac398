"""``offing edge cost``: what a month of a service's work costs on Cloudflare, and elsewhere.

order (what is asked, with what a configuration and the measurements say) ── offing.edge.cost ── bill_text
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from offing.cli.edge.parameters import Duration, Egress, Kind

EXAMPLES = """\b
How the requests come:
  (nothing)        each alone: it starts a container, which idles, then sleeps
  --bursts N       in N bursts, one after another in each
  --awake-hours H  however they come, containers are awake for H hours
  --always         no container ever sleeps

\b
Examples:
  offing edge cost ocr --requests 1000
  offing edge cost ocr --requests 1000 --sleep-after 30s --goal 1
  offing edge cost insights --requests 200000 --bursts 300
  offing edge cost xet --awake-hours 100 --cpu 20 --egress na-eu=5000
  offing edge cost --type standard-4 --requests 1000 --seconds 5

Instance type and sleepAfter are those of worker/wrangler.jsonc where it is here. What a month
includes is shared by all containers of an account; the bill is that of this work alone.
"""


@click.command(epilog=EXAMPLES)
@click.argument("service", required=False, metavar="[SERVICE]")
@click.option("--requests", type=click.IntRange(0), help="Requests a month.")
@click.option(
    "--seconds", type=click.FloatRange(0), help="Time of one on the type.  [default: the service's measured]"
)
@click.option("--bursts", type=click.IntRange(1), metavar="N", help="They come in so many bursts a month.")
@click.option("--awake-hours", type=click.FloatRange(0), metavar="H", help="Containers are awake so long.")
@click.option("--always", is_flag=True, help="Containers are always awake.")
@click.option(
    "--instances",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Containers awake in a burst, or always; the most at once.",
)
@click.option("--type", "kind", type=Kind(), help="A name, or VCPU:GIB:GB.  [default: the configuration's]")
@click.option("--sleep-after", type=Duration(), help="Idle time as 30s, 2m.  [default: the configuration's]")
@click.option(
    "--start", type=Duration(), help="Time of a start on the type.  [default: the service's measured]"
)
@click.option(
    "--cpu",
    type=click.FloatRange(0, 100),
    default=100,
    show_default=True,
    metavar="PERCENT",
    help="Of the type's CPU in use while it works.",
)
@click.option("--egress", type=Egress(), multiple=True, help="GB to clients of na-eu, oceania or elsewhere.")
@click.option(
    "--goal",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="Name the cheapest type that answers so soon.",
)
@click.option(
    "--parallelism", type=click.FloatRange(1), metavar="VCPU", help="So many vCPU one request can use."
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The wrangler.jsonc.  [default: worker/wrangler.jsonc]",
)
@click.option("--prices", is_flag=True, help="Only the table of prices, with the month each was read in.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(service: str | None, *, prices: bool, as_json: bool, **given: Any) -> None:
    """Price a month of work, line by line, here and elsewhere."""
    from offing.cli.edge import bill_text, order

    if prices:
        click.echo(bill_text.price_table())
        return
    asked = order.read(service, given)
    click.echo(bill_text.as_json(asked) if as_json else bill_text.as_text(asked))
