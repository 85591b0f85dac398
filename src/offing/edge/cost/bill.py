"""The bill of a month on Cloudflare Containers: ``max(0, used - included) x price`` a line, and the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from offing.edge.cost.prices import (
    CPU,
    DISK,
    EGRESS,
    MEMORY,
    OBJECT_DURATION,
    OBJECT_REQUESTS,
    PLAN,
    WORKER_REQUESTS,
    Price,
)
from offing.edge.cost.workload import Workload
from offing.edge.instance_types import InstanceType

OBJECT_MEMORY = 0.128
"""GB that a Durable Object is billed for, as long as its container is awake."""
OBJECTS_ASKED = 2
"""By one request: the dispatcher, and the object that owns the container."""


@dataclass(frozen=True)
class Line:
    """One line of a bill."""

    price: Price
    used: float
    """In the price's unit."""

    @property
    def dollars(self) -> float:
        """What it costs."""
        return self.price.of(self.used)

    @property
    def arithmetic(self) -> str:
        """How that comes about: ``7,260,000 GiB-s - 90,000 included = 7,170,000 x $0.0000025``."""
        said = f"{number(self.used)} {self.price.unit}"
        if self.price.included:
            said += f" - {number(self.price.included)} included"
            if self.used > self.price.included:
                said += f" = {number(self.used - self.price.included)}"
        return f"{said} x {rate(self.price.dollars)}" if self.dollars else said


@dataclass(frozen=True)
class Bill:
    """A month's bill, the plan first."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> float:
        """In US dollars, not rounded."""
        return sum(line.dollars for line in self.lines)


def bill(work: Workload, kind: InstanceType) -> Bill:
    """What a month's work costs on an instance type, with all that the account's plan includes.

    Raises :class:`~offing.edge.cost.workload.DoesNotFit` where there is more work than time.
    """
    return Bill(tuple(_lines(work, kind)))


def _lines(work: Workload, kind: InstanceType) -> Iterator[Line]:
    yield Line(PLAN, 1)
    yield Line(CPU, (work.working * work.cpu_share + work.starting) * kind.vcpu)
    yield Line(MEMORY, work.awake * kind.memory)
    yield Line(DISK, work.awake * kind.disk)
    yield Line(OBJECT_DURATION, work.awake * OBJECT_MEMORY)
    yield Line(OBJECT_REQUESTS, work.millions * OBJECTS_ASKED)
    yield Line(WORKER_REQUESTS, work.millions)
    yield from (Line(EGRESS[region], sent) for region, sent in work.egress.items())


def number(amount: float) -> str:
    """An amount with as many digits as a reader wants: whole where it is large."""
    return f"{amount:,.0f}" if amount >= 1000 or float(amount).is_integer() else f"{amount:,.4g}"  # noqa: PLR2004


def rate(dollars: float) -> str:
    """A unit price in full, never as a power of ten."""
    return f"${dollars:.12f}".rstrip("0").rstrip(".")
