"""The hostile set, one file after another, while a bystander goes on: time, memory and survival."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.insights.bystander import Bystander, Log
from bench.insights.process_tree import Peak, Watch
from bench.insights.rows import Row
from bench.insights.sides import Server, Side, serving
from bench.insights.wire import Connection, Unanswered, Upload

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Case:
    """One hostile request and the statuses that are right for it."""

    name: str
    upload: Upload
    right: frozenset[int]


@dataclass(frozen=True)
class Outcome:
    """What came of one request: a status, ``closed``, ``died`` or ``late``, and after how long."""

    name: str
    result: str
    seconds: float
    right: bool

    @property
    def server_is_gone(self) -> bool:
        """Whether the next request needs a new server."""
        return self.result in {"late", "died"}


@dataclass
class Toll:
    """What the whole set did to one side."""

    outcomes: list[Outcome] = field(default_factory=list)
    peak: Peak = field(default_factory=Peak)
    log: Log = field(default_factory=Log)

    @property
    def slowest(self) -> Outcome:
        """The outcome that took longest."""
        return max(self.outcomes, key=lambda each: each.seconds)

    @property
    def results(self) -> Counter[str]:
        """How many of each result."""
        return Counter(each.result for each in self.outcomes)

    def told(self) -> dict[str, Any]:
        """For the kept results."""
        return {
            "results": dict(sorted(self.results.items())),
            "answered_right": sum(each.right for each in self.outcomes),
            "slowest": self.slowest.name,
            "bystander_requests": len(self.log.waited),
            "bystander_failures": dict(self.log.failed),
            "memory_samples": self.peak.samples,
            "outcomes": {
                each.name: [each.result, each.right, round(each.seconds, 3)] for each in self.outcomes
            },
        }


def send(server: Server, case: Case, limit: float) -> Outcome:
    """Send one file on a connection of its own."""
    start = time.perf_counter()
    try:
        with Connection(server.port) as connection:
            result = str(connection.post(case.upload, limit).status)
    except Unanswered:
        result = "closed"
    seconds = time.perf_counter() - start
    if result == "closed" and seconds >= limit:
        result = "late"
    if server.process.poll() is not None:
        result = "died"
    return Outcome(case.name, result, seconds, result in map(str, case.right))


def expose(side: Side, cases: Sequence[Case], calm: Upload, limit: float) -> Toll:
    """Send the whole set to one side, with a new server after each that was lost."""
    toll, remaining = Toll(), deque(cases)
    while remaining:
        with (
            serving(side, calm) as server,
            Watch(server.process.pid, toll.peak),
            Bystander(server.port, calm, toll.log) as bystander,
        ):
            while remaining:
                outcome = send(server, remaining.popleft(), limit)
                toll.outcomes.append(outcome)
                if outcome.server_is_gone:
                    print(f"  {side.name}: {outcome.result} on {outcome.name}", file=sys.stderr)
                    bystander.stop()
                    server.kill()
                    break
    return toll


def measure(reference: Side, ours: Side, cases: Sequence[Case], calm: Upload, limit: float) -> Iterator[Row]:
    """The rows of both sides; a file may hold a side for ``limit`` seconds."""
    theirs, mine = expose(reference, cases, calm, limit), expose(ours, cases, calm, limit)
    lost = mine.results["died"] + mine.results["late"]
    broken = f"{lost} requests held or ended the service" if lost else ""
    work = f"{len(cases)} hostile requests"
    yield Row(
        "peak resident", f"{work}: peak resident, all processes (RSS)", "MB",
        theirs.peak.resident / MEGABYTE, mine.peak.resident / MEGABYTE, broken=broken,
    )  # fmt: skip
    yield Row(
        "peak proportional", f"{work}: the same, shared pages once (PSS)", "MB",
        theirs.peak.proportional / MEGABYTE, mine.peak.proportional / MEGABYTE,
    )  # fmt: skip
    yield Row(
        "slowest hostile answer", f"{work}: slowest answer", "s",
        theirs.slowest.seconds, mine.slowest.seconds, broken=broken,
        reference_at_least=theirs.slowest.result == "late",
        detail={"reference": theirs.told(), "ours": mine.told()},
    )  # fmt: skip
    yield from bystander_rows(theirs.log, mine.log, cut_off=theirs.results["late"] > 0)


def bystander_rows(theirs: Log, mine: Log, *, cut_off: bool) -> Iterator[Row]:
    """The second client's waits. ``cut_off``: the reference's longest ones were ended by the limit."""
    refused = sum(mine.failed.values())
    broken = f"{refused} of {len(mine.waited)} of its requests failed" if refused else ""
    for which in (50, 99):
        yield Row(
            f"bystander p{which}", f"meanwhile a second client, small images: p{which}", "ms",
            theirs.percentile(which), mine.percentile(which), broken=broken,
            reference_at_least=cut_off and which == 99,  # noqa: PLR2004
        )  # fmt: skip
    yield Row(
        "bystander slowest", "meanwhile a second client, small images: slowest", "ms",
        theirs.slowest, mine.slowest, reference_at_least=cut_off,
    )  # fmt: skip
