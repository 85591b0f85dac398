"""Compare image insights with its reference: ``python -m bench.insights --reference CHECKOUT``.

Runs on Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.insights import environment, hostile, hostile_set, images, latency, load, sides, start, table
from bench.insights.rows import Row
from bench.insights.wire import Unanswered, upload

RESULTS = Path(__file__).resolve().parents[1] / "results"
PARTS = ("latency", "load", "start", "hostile")


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    small: int = 101
    """Rounds of a small image."""
    large: int = 11
    windows: tuple[tuple[str, tuple[int, float]], ...] = (("small", (5, 3.0)), ("large", (3, 5.0)))
    """For each size the windows a side and the seconds of each."""
    starts: int = 7
    exposure: hostile.Effort = field(default_factory=hostile.Effort)


FULL = Effort()
QUICK = Effort(21, 3, (("small", (1, 1.5)), ("large", (1, 2.0))), 2, hostile.Effort(limit=4, requests=0))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.insights", description="Compare image insights with its reference."
    )
    parser.add_argument("--reference", type=Path, required=True, metavar="CHECKOUT", help="its v1.7.1")
    parser.add_argument("--reference-python", metavar="PYTHON", help="an interpreter that has what it needs")
    parser.add_argument("--offing-python", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--container-start", type=float, metavar="SECONDS", help="as measured at 0.25 CPU")
    parser.add_argument("--cores", type=int, default=2, help="how many cores all of it shares")
    parser.add_argument("--quick", action="store_true", help="less of everything; nothing is kept")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; nothing is kept")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where to keep the results")
    return parser.parse_args()


def parts(options: argparse.Namespace, reference: sides.Side, ours: sides.Side) -> Iterator[Iterator[Row]]:
    """Each part that was asked for, as the rows that it will measure."""
    effort = QUICK if options.quick else FULL
    pictures = images.load(options.reference)
    chosen = options.only or PARTS
    if "latency" in chosen:
        yield latency.measure(reference, ours, pictures, effort.small, effort.large)
    if "load" in chosen:
        all_sides = (reference, sides.as_shipped(reference), ours)
        yield load.measure(all_sides, pictures, dict(effort.windows))
    if "start" in chosen:
        yield start.measure(reference, ours, pictures, effort.starts, options.container_start)
    if "hostile" in chosen:
        calm = upload(pictures.small_colour)
        yield hostile.measure(reference, ours, hostile_set.cases(), calm, effort.exposure)


def measured(all_parts: Iterator[Iterator[Row]], failures: list[str]) -> Iterator[Row]:
    """The rows of every part; a part that fails is told and does not take the others with it."""
    for part in all_parts:
        try:
            for row in part:
                print("  ".join(filter(None, table.cells(row))), file=sys.stderr, flush=True)
                yield row
        except (sides.DidNotStartError, Unanswered, ValueError) as error:
            failures.append(f"{type(error).__name__}: {error}")
            print(failures[-1], file=sys.stderr, flush=True)


def command(options: argparse.Namespace) -> str:
    """The command line without this machine's paths."""
    words = ["python -m bench.insights --reference path/to/checkout"]
    words += [f"--only {part}" for part in options.only or ()]
    words += ["--quick"] if options.quick else []
    words += [f"--container-start {options.container_start:g}"] if options.container_start else []
    return " ".join(words)


def main() -> int:
    """Measure, print and keep; 1 where something that must be reached is not."""
    options = arguments()
    began, busy = time.perf_counter(), os.getloadavg()[0]
    options.reference = options.reference.resolve()
    environment.check(options.reference)
    cores = environment.keep_to(options.cores)
    theirs, mine = environment.reference_python(options.reference_python), options.offing_python
    versions = {"reference": environment.versions(theirs), "offing": environment.versions(mine)}
    reference = sides.reference(theirs, options.reference)
    ours = sides.offing(mine)
    failures: list[str] = []
    rows = list(measured(parts(options, reference, ours), failures))
    about = table.About(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), environment.machine(), cores,
        command(options), time.perf_counter() - began, busy, versions,
    )  # fmt: skip
    print(table.markdown(about, rows))
    folder = options.results or (None if options.quick or options.only else RESULTS)
    if folder and not failures:
        table.keep(folder, about, rows)
    return int(bool(failures) or any(row.reached == "no" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
