"""What `offing edge cost` is to price: what was asked, completed by a configuration and by measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from offing.edge.configuration import deployments, read_file, seconds, usual_place
from offing.edge.cost.bill import Bill, bill
from offing.edge.cost.choice import Offer, cheapest, offers
from offing.edge.cost.elsewhere import Estimate, elsewhere
from offing.edge.cost.figures import FIGURES, UNKNOWN, Figures
from offing.edge.cost.workload import Arrival, DoesNotFit, Workload
from offing.edge.instance_types import InstanceType
from offing.kernel.service import installed

TAILS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Values of sleepAfter that are priced for comparison, in seconds."""


@dataclass(frozen=True)
class Order:
    """What is priced."""

    title: str
    work: Workload
    kind: InstanceType
    figures: Figures
    source: str
    """Where type and sleepAfter come from, as far as they were not given."""
    goal: float | None

    @property
    def bill(self) -> Bill:
        """The month's bill."""
        return bill(self.work, self.kind)

    @property
    def offers(self) -> list[Offer]:
        """The same work on every type."""
        return list(offers(self.work, self.figures))

    @property
    def cheapest(self) -> Offer | None:
        """The cheapest type that meets the goal."""
        return None if self.goal is None else cheapest(self.work, self.figures, self.goal)

    @property
    def elsewhere(self) -> list[Estimate]:
        """The same work on other platforms."""
        return list(elsewhere(self.work, self.kind))

    @property
    def kept_warm(self) -> float | None:
        """The total with one container that never sleeps; None where none sleeps as it is."""
        if self.work.arrival in (Arrival.ALWAYS, Arrival.HOURS):
            return None
        try:
            return bill(replace(self.work, arrival=Arrival.ALWAYS, instances=1), self.kind).total
        except DoesNotFit:
            return None

    @property
    def tails(self) -> list[tuple[float, float]]:
        """What other values of sleepAfter would cost; none where containers don't sleep by themselves."""
        if self.work.arrival in (Arrival.ALWAYS, Arrival.HOURS):
            return []
        return [(each, bill(replace(self.work, sleep_after=each), self.kind).total) for each in TAILS]


def read(service: str | None, given: dict[str, Any]) -> Order:
    """The order. Raises ``click.UsageError`` where something is missing or contradicts something else."""
    services = installed()
    if service is not None and service not in services:
        raise click.UsageError(f"No service named {service!r} is installed; there are {', '.join(services)}.")
    figures = FIGURES.get(service or "", UNKNOWN)
    if service is None and given["kind"] is None:
        raise click.UsageError("Name a service, or give --type.")
    figures, source = _configured(service, figures, given["config"])
    kind = given["kind"] or figures.kind
    work = _workload(figures, kind, given)
    if given["goal"] is not None and figures.seconds is None and not work.seconds:
        raise click.UsageError("--goal needs the --seconds of a request.")
    return Order(
        services[service].title if service else "A service", work, kind,
        _scaled(figures, kind, work, given["parallelism"]), source, given["goal"],
    )  # fmt: skip


def _configured(service: str | None, figures: Figures, config: Path | None) -> tuple[Figures, str]:
    """The figures with what the configuration here says of type and sleepAfter, and where that is said."""
    place = config or usual_place(Path())
    if service is None or place is None:
        return figures, "what it is usually given" if service else ""
    for deployment in deployments(read_file(place))[:1]:
        for container in deployment.containers:
            if container.service != service:
                continue
            variable = deployment.variables.get(f"{container.binding}_SLEEP_AFTER")
            tail = seconds(variable.value) if variable is not None else None
            kind = container.kind or figures.kind
            return replace(
                figures, kind=kind, sleep_after=figures.sleep_after if tail is None else tail
            ), str(place)
    return figures, "what it is usually given"


def _workload(figures: Figures, kind: InstanceType, given: dict[str, Any]) -> Workload:
    arrival = _arrival(given)
    requests = given["requests"]
    if requests is None and arrival not in (Arrival.ALWAYS, Arrival.HOURS):
        raise click.UsageError("Give --requests, or --awake-hours or --always.")
    measured = figures.seconds_on(kind) if given["seconds"] is None else given["seconds"]
    if measured is None and requests is not None:
        raise click.UsageError("Give --seconds: what one request takes was not measured.")
    return Workload(
        requests=requests,
        seconds=measured or 0.0,
        start=figures.start_on(kind) if given["start"] is None else given["start"],
        sleep_after=figures.sleep_after if given["sleep_after"] is None else given["sleep_after"],
        arrival=arrival,
        bursts=given["bursts"] or 1,
        hours=given["awake_hours"] or 0.0,
        instances=given["instances"],
        cpu_share=given["cpu"] / 100,
        egress=_sums(given["egress"]),
    )


def _arrival(given: dict[str, Any]) -> Arrival:
    ways = {
        Arrival.BURSTS: given["bursts"] is not None,
        Arrival.HOURS: given["awake_hours"] is not None,
        Arrival.ALWAYS: given["always"],
    }
    chosen = [way for way, is_chosen in ways.items() if is_chosen]
    if len(chosen) > 1:
        raise click.UsageError("Give one of --bursts, --awake-hours and --always.")
    return chosen[0] if chosen else Arrival.ISOLATED


def _sums(egress: tuple[tuple[str, float], ...]) -> dict[str, float]:
    sums = dict[str, float]()
    for region, amount in egress:
        sums[region] = sums.get(region, 0.0) + amount
    return sums


def _scaled(figures: Figures, kind: InstanceType, work: Workload, parallelism: float | None) -> Figures:
    """The figures at one vCPU that mean what was given for this type."""
    wide = replace(
        figures, parallelism=parallelism or figures.parallelism, start=work.start * min(kind.vcpu, 1)
    )
    if work.requests is None:
        return replace(wide, seconds=None)
    if work.seconds != figures.seconds_on(kind):
        wide = replace(wide, work="")
    return replace(wide, seconds=work.seconds * min(kind.vcpu, wide.parallelism))
