"""Compare OCR with its anchor and its peers: ``python -m bench.ocr --peers DIR``.

Runs on Linux only: memory and processor time are read from /proc.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.insights.environment import keep_to
from bench.insights.sides import DidNotStartError
from bench.insights.wire import Unanswered
from bench.ocr import environment, labelled, peers, plan, sides, table
from bench.ocr.beside import Figures
from bench.ocr.rows import Row

RESULTS = Path(__file__).resolve().parents[1] / "results"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ocr", description="Compare OCR with PaddleOCR and other engines."
    )
    parser.add_argument("--data", type=Path, metavar="DIR", default=labelled.DATA, help="labelled images")
    parser.add_argument("--peers", type=Path, metavar="DIR", default=peers.INTO, help="where they are set up")
    parser.add_argument("--offing-python", metavar="PYTHON", default=sys.executable)
    parser.add_argument("--container-start", type=float, metavar="SECONDS", help="as measured at 1 CPU")
    parser.add_argument("--image-size", type=float, metavar="MB", help="unpacked, beyond its base")
    parser.add_argument("--cores", type=int, default=2, help="how many cores all of it shares")
    parser.add_argument("--quick", action="store_true", help="less of everything; nothing is kept")
    parser.add_argument(
        "--only", choices=[*plan.PARTS, plan.PEERS], action="append", help="this part; nothing is kept"
    )
    parser.add_argument("--without-ours", action="store_true", help="only the peers' own table")
    parser.add_argument("--results", type=Path, metavar="DIR", help="where to keep the results")
    return parser.parse_args()


def told(failures: list[str], error: Exception) -> None:
    """Say at once what failed; the other parts go on."""
    failures.append(f"{type(error).__name__}: {error}")
    print(failures[-1], file=sys.stderr, flush=True)


FAILURES = (DidNotStartError, Unanswered, peers.PeerFailedError, ValueError)


def measured(setting: plan.Setting, parts: Sequence[str], failures: list[str]) -> Iterator[Row]:
    """The rows of every part that was asked for."""
    for part in parts:
        try:
            for row in plan.PARTS[part](setting):
                print("  ".join(filter(None, table.cells(row))), file=sys.stderr, flush=True)
                yield row
        except FAILURES as error:
            told(failures, error)


def compared(setting: plan.Setting, failures: list[str], *, ours: bool) -> Iterator[Figures]:
    """The figures of every engine."""
    try:
        for each in plan.beside_peers(setting, ours=ours):
            print(each.group, *table.peer_cells(each, ()), sep="  ", file=sys.stderr, flush=True)
            yield each
    except FAILURES as error:
        told(failures, error)


def command(options: argparse.Namespace) -> str:
    """The command line without this machine's paths."""
    words = ["python -m bench.ocr"]
    words += [f"--only {part}" for part in options.only or ()]
    words += ["--quick"] if options.quick else []
    words += ["--without-ours"] if options.without_ours else []
    words += [f"--container-start {options.container_start:g}"] if options.container_start else []
    words += [f"--image-size {options.image_size:g}"] if options.image_size else []
    return " ".join(words)


def main() -> int:
    """Measure, print and keep; 1 where something that must be reached is not."""
    options = arguments()
    began, busy = time.perf_counter(), os.getloadavg()[0]
    folder = options.peers.resolve()
    peers.check(folder)
    cores = keep_to(options.cores)
    setting = plan.Setting(
        sides.anchor(folder), sides.offing(options.offing_python), folder, labelled.load(options.data),
        plan.QUICK if options.quick else plan.FULL, options.container_start, options.image_size,
    )  # fmt: skip
    chosen = [plan.PEERS] if options.without_ours else options.only or [*plan.PARTS, plan.PEERS]
    failures: list[str] = []
    rows = list(measured(setting, [part for part in chosen if part in plan.PARTS], failures))
    with_ours = not options.without_ours
    figures = list(compared(setting, failures, ours=with_ours)) if plan.PEERS in chosen else []
    about = table.About(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), environment.machine(), cores, command(options),
        time.perf_counter() - began, busy, environment.versions(options.offing_python, folder),
    )  # fmt: skip
    print(table.markdown(about, rows, figures))
    whole = not (options.quick or options.only or options.without_ours)
    kept = options.results or (RESULTS if whole else None)
    if kept and not failures:
        table.keep(kept, about, rows, figures)
    return int(bool(failures) or any(row.reached == "no" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
