"""The same work on every instance type, and the cheapest that answers soon enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from offing.edge.cost.bill import bill
from offing.edge.cost.figures import Figures
from offing.edge.cost.workload import Arrival, DoesNotFit, Workload
from offing.edge.instance_types import NAMED, InstanceType


@dataclass(frozen=True)
class Offer:
    """What a type would take for a request, and for the month."""

    kind: InstanceType
    seconds: float
    """A request that finds a container awake."""
    start: float
    """What one waits besides that finds it asleep, beyond the platform's own part of a start."""
    total: float
    """US dollars a month."""

    def answers_in(self, arrival: Arrival) -> float:
        """How long a request takes: with the start where each comes alone."""
        return self.seconds + (self.start if arrival is Arrival.ISOLATED else 0.0)


def offers(work: Workload, figures: Figures) -> Iterator[Offer]:
    """Every named type that has the memory and the time for the work, the smallest first.

    The same share of each type's CPU is taken to be in use, and a request to take its time on one vCPU
    divided by as many as the type has and the request can use.
    """
    for kind in NAMED.values():
        seconds = figures.seconds_on(kind)
        if seconds is None or kind.memory < figures.memory:
            continue
        start = figures.start_on(kind)
        try:
            total = bill(replace(work, seconds=seconds, start=start), kind).total
        except DoesNotFit:
            continue
        yield Offer(kind, seconds, start, total)


def cheapest(work: Workload, figures: Figures, goal: float) -> Offer | None:
    """The cheapest type that answers within ``goal`` seconds; of two at one price, the faster."""
    fast = [offer for offer in offers(work, figures) if offer.answers_in(work.arrival) <= goal]
    return min(fast, key=lambda offer: (round(offer.total, 2), offer.seconds), default=None)
