"""The same work on other platforms: the same CPU and memory, each billed as that platform bills.

Compute and requests only: what they take for disks and for what is sent to clients is left out. Sizes that a
platform doesn't sell are priced as if it did, unless they are larger than its largest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from offing.edge.cost.bill import Line
from offing.edge.cost.prices import (
    CLOUD_RUN,
    CLOUD_RUN_CPU,
    CLOUD_RUN_MEMORY,
    CLOUD_RUN_REQUESTS,
    FARGATE,
    FARGATE_CPU,
    FARGATE_MEMORY,
    LAMBDA,
    LAMBDA_MEMORY,
    LAMBDA_REQUESTS,
    MODAL,
    MODAL_CPU,
    MODAL_CREDIT,
    MODAL_MEMORY,
)
from offing.edge.cost.workload import MONTH, Workload
from offing.edge.instance_types import InstanceType

LAMBDA_VCPU = 1769 / 1024
"""GiB of memory with which a function gets one vCPU."""
LAMBDA_MEMORY_LIMIT, LAMBDA_SECONDS = 10, 15 * 60
MODAL_LEAST = 0.125
"""Cores that a container is billed for while it is awake, whatever it does."""
CORE = 2
"""vCPU of a core."""


@dataclass(frozen=True)
class Estimate:
    """What a month costs on one platform."""

    platform: str
    how: str
    """How it bills."""
    lines: tuple[Line, ...] = ()
    credit: float = 0.0
    """Dollars that its plan gives."""
    lacking: str = ""
    """Why it can't do the work, where it can't."""

    @property
    def total(self) -> float | None:
        """US dollars, or None where it can't do the work."""
        if self.lacking:
            return None
        return max(0.0, sum(line.dollars for line in self.lines) - self.credit)


def elsewhere(work: Workload, kind: InstanceType) -> Iterator[Estimate]:
    """What the work would cost on each platform whose unit prices are known."""
    yield _cloud_run(work, kind)
    yield _lambda(work, kind)
    yield _fargate(work, kind)
    yield _modal(work, kind)


def _cloud_run(work: Workload, kind: InstanceType) -> Estimate:
    busy = work.working + work.starting
    lines = (
        Line(CLOUD_RUN_CPU, busy * kind.vcpu),
        Line(CLOUD_RUN_MEMORY, busy * kind.memory),
        Line(CLOUD_RUN_REQUESTS, work.millions),
    )
    return Estimate(CLOUD_RUN, "starts and requests; the idle tail is free", lines)


def _lambda(work: Workload, kind: InstanceType) -> Estimate:
    how = "starts and requests; memory brings the CPU with it"
    memory = max(kind.memory, kind.vcpu * LAMBDA_VCPU)
    if memory > LAMBDA_MEMORY_LIMIT:
        return Estimate(LAMBDA, how, lacking=f"{memory:g} GiB are more than its {LAMBDA_MEMORY_LIMIT}")
    if work.seconds > LAMBDA_SECONDS:
        return Estimate(LAMBDA, how, lacking="a request takes longer than its 15 minutes")
    busy = work.working + work.starting
    return Estimate(LAMBDA, how, (Line(LAMBDA_MEMORY, busy * memory), Line(LAMBDA_REQUESTS, work.millions)))


def _fargate(work: Workload, kind: InstanceType) -> Estimate:
    always = float(work.instances * MONTH)  # a task is not started by a request
    lines = (Line(FARGATE_CPU, always * kind.vcpu), Line(FARGATE_MEMORY, always * kind.memory))
    return Estimate(FARGATE, "every hour of the month: a request starts nothing", lines)


def _modal(work: Workload, kind: InstanceType) -> Estimate:
    cores = kind.vcpu / CORE
    working = work.working * max(cores * work.cpu_share, MODAL_LEAST) + work.starting * max(
        cores, MODAL_LEAST
    )
    idle = max(0.0, work.awake - work.working - work.starting) * MODAL_LEAST
    lines = (Line(MODAL_CPU, working + idle), Line(MODAL_MEMORY, work.awake * kind.memory))
    return Estimate(
        MODAL, "while awake, with the same idle tail; less the plan's credit", lines, MODAL_CREDIT.included
    )
