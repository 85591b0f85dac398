"""What a day of bursts keeps awake: the dispatcher's own policy beside a random choice, simulated.

The policy is the Worker's module, bundled and run in Node; the instances are as this benchmark measured them.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.edge.rows import EdgeRow
from bench.ocr.rows import Row
from offing.edge.configuration import deployments, read_file, seconds
from offing.edge.cost.figures import FIGURES
from tests.e2e.edge import PROGRAMS, WORKER

HERE = Path(__file__).parent
SEEDS = range(7)
"""Of the days."""
DAY = 24 * 3600
BURSTS, ALONE = 80, 60
"""In a day: bursts, and requests that come alone."""
SIZE, GAP = 15, 2.0
"""Of a burst, on average: requests, and seconds between them."""
INSTANCES = 3
SPREAD = 0.4
"""Of the work of requests, as the logarithm's standard deviation."""
ALIKE = 1.01
"""What is no worse: where a start makes up the slowest answers, chance alone puts one side ahead."""
LIMIT_SECONDS = 300
SERVICES = ("insights", "ocr")
OURS, RANDOM = "dispatcher", "random"


@dataclass(frozen=True)
class Times:
    """Of a service: times in seconds, and what its variables say."""

    start: float
    work: float
    sleep_after: float
    concurrency: int


def times(service: str, rows: Sequence[Row]) -> Times:
    """By the rows that were measured before; without them, by what was measured on the type deployed."""
    figures, variables = FIGURES[service], _variables()
    measured = {row.name: row.ours for row in rows if row.ours is not None}
    work = measured.get(f"warm, {service}", figures.seconds_on(figures.kind) or 0)
    cold = measured.get(f"cold, {service}")
    tail = seconds(variables[f"{service.upper()}_SLEEP_AFTER"])
    return Times(
        start=figures.start_on(figures.kind) if cold is None else cold - work,
        work=work,
        sleep_after=figures.sleep_after if tail is None else tail,
        concurrency=int(variables[f"{service.upper()}_CONCURRENCY"]),
    )


def _variables() -> dict[str, str]:
    deployment = deployments(read_file(WORKER / "wrangler.jsonc"))[0]
    return {name: str(node.value) for name, node in deployment.variables.items()}


def measure(rows: Sequence[Row]) -> Iterator[Row]:
    """For each service hours awake beside those of a random choice, at a p99 that is no worse."""
    for service in SERVICES:
        yield from days(service, times(service, rows))


def days(service: str, known: Times) -> Iterator[Row]:
    """One service's days, counted together."""
    told = [simulated(known, trace(seed, known.work)) for seed in SEEDS]
    hours = {name: sum(each[name]["awake"] for each in told) / len(told) / 3600 for name in (OURS, RANDOM)}
    answers = {name: [one for each in told for one in each[name]["seconds"]] for name in (OURS, RANDOM)}
    p99 = {name: quantiles(each, n=100, method="inclusive")[98] for name, each in answers.items()}
    starts = {name: sum(each[name]["starts"] for each in told) / len(told) for name in (OURS, RANDOM)}
    work = f"a day of bursts on {INSTANCES} instances of {service}"
    yield EdgeRow(
        f"day, {service}", f"{work}: hours awake, of those by a random choice", "times",
        None, hours[OURS] / hours[RANDOM], broken="p99 is worse" if p99[OURS] > ALIKE * p99[RANDOM] else "",
        detail={"times": asdict(known), "starts a day": starts, "requests": len(answers[OURS])},
    )  # fmt: skip
    yield EdgeRow("day, awake", "the same: hours awake", "h", hours[RANDOM], hours[OURS])
    yield EdgeRow("day, p99", "the same: p99 of an answer", "s", p99[RANDOM], p99[OURS])


def trace(seed: int, work: float) -> list[dict[str, float]]:
    """A day's requests in order: when each comes, and how long it takes, in seconds.

    Bursts come at any time, more of them about noon; within one, sizes and gaps are exponential.
    """
    chance = random.Random(seed)  # noqa: S311  the same days in every run
    begins = [chance.triangular(0, DAY, DAY / 2) for _ in range(BURSTS)]
    found = [chance.uniform(0, DAY) for _ in range(ALONE)]
    for begin in begins:
        at = begin
        for _ in range(1 + int(chance.expovariate(1 / (SIZE - 1)))):
            found.append(at)
            at += chance.expovariate(1 / GAP)
    return [{"at": at, "work": work * chance.lognormvariate(0, SPREAD)} for at in sorted(found)]


def simulated(known: Times, requests: Sequence[Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """What each routing comes to: ``awake`` in seconds, ``starts``, and the ``seconds`` of every answer."""
    day = {
        "requests": requests, "start": known.start, "sleepAfter": known.sleep_after,
        "instances": INSTANCES, "concurrency": known.concurrency,
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="offing-bench-") as place:
        program = Path(place) / "day.mjs"
        bundle = [
            str(PROGRAMS / "esbuild"), str(HERE / "day.ts"), "--bundle", "--platform=node", "--format=esm",
            "--log-level=warning", f"--outfile={program}",
        ]  # fmt: skip
        subprocess.run(bundle, cwd=WORKER, check=True, timeout=LIMIT_SECONDS)
        done = subprocess.run(
            [shutil.which("node") or "node", str(program)], input=json.dumps(day),
            capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS,
        )  # fmt: skip
    told: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return told
