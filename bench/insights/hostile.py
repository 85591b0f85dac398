"""The hostile set, one request after another, while a bystander goes on: time, memory and survival."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.insights.bystander import Bystander, Log
from bench.insights.process_tree import Watch
from bench.insights.rows import Row
from bench.insights.sides import Server, Side, serving
from bench.insights.toll import Case, Outcome, Toll
from bench.insights.wire import Connection, Unanswered, Upload

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Effort:
    """Seconds that one request may hold a side, and how many of the bystander's make a percentile."""

    limit: float = 30.0
    requests: int = 600


def send(server: Server, case: Case, limit: float) -> Outcome:
    """Send one request on a connection of its own."""
    start = time.perf_counter()
    try:
        with Connection(server.port) as connection:
            result = str(connection.post(case.upload, limit).status)
    except Unanswered:
        result = "closed"
    seconds = time.perf_counter() - start
    if result == "closed":
        with suppress(subprocess.TimeoutExpired):  # its sockets close a moment before it has ended
            server.process.wait(0.1)
    if result == "closed" and seconds >= limit:
        result = "late"
    if server.process.poll() is not None:
        result = "died"
    return Outcome(case.name, result, seconds, result in map(str, case.right))


def expose(side: Side, cases: Sequence[Case], calm: Upload, effort: Effort) -> Toll:
    """Send the whole set to one side, again until the bystander has seen enough."""
    toll = Toll()
    while not toll.passes or len(toll.log.waited) < effort.requests:
        one_pass(side, deque(cases), calm, effort.limit, toll)
        toll.passes += 1
    return toll


def one_pass(side: Side, remaining: deque[Case], calm: Upload, limit: float, toll: Toll) -> None:
    """Send the set once, with a new server at first, so that no cache knows it, and after each loss."""
    while remaining:
        with (
            serving(side, calm) as server,
            Watch(server.process.pid, toll.peak),
            Bystander(server.port, calm, toll.log) as bystander,
        ):
            while remaining:
                outcome = send(server, remaining.popleft(), limit)
                toll.take(outcome)
                if outcome.server_is_gone:
                    print(f"  {side.name}: {outcome.result} on {outcome.name}", file=sys.stderr)
                    bystander.stop()
                    server.kill()
                    break


def measure(
    reference: Side, ours: Side, cases: Sequence[Case], calm: Upload, effort: Effort
) -> Iterator[Row]:
    """Expose both sides and make their rows."""
    theirs, mine = expose(reference, cases, calm, effort), expose(ours, cases, calm, effort)
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
