"""Compare the Worker with the least that there can be: ``python -m bench.edge``. Needs Docker and Node 22."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.edge import day, latency, price, starts, streaming
from bench.insights.environment import keep_to, machine
from bench.ocr.rows import Row
from bench.ocr.table import About, cells
from bench.page import Page
from tests.e2e.edge import WORKER

RESULTS = Path(__file__).resolve().parents[1] / "results"
PAGE = Page(
    "edge",
    "The edge beside the least that there can be",
    "runtime, engine, containers and clients",
    (
        "Beside: a Worker of one line before a container of the same image; for starts, `docker run` of it;",
        "for a day, a random choice among three instances. Both sides run on workerd and a Docker engine,",
        "and take turns. Times are medians where nothing else is said.",
    ),
)
PARTS = ("latency", "streaming", "starts", "day", "price")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.edge", description="Compare the Worker with the least that there can be."
    )
    parser.add_argument("--cores", type=int, default=2, help="how many cores the clients share")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller files; nothing is kept")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; nothing is kept")
    return parser.parse_args()


def measured(place: Path, parts: Sequence[str], *, quick: bool) -> Iterator[Row]:
    """The rows of each part, in a folder of its own; a day goes by the starts that were measured before."""
    rows: list[Row] = []
    chosen: Mapping[str, Callable[[Path], Iterator[Row]]] = {
        "latency": lambda folder: latency.measure(folder, 300 if quick else 3000),
        "streaming": lambda folder: streaming.measure(folder, 2 if quick else 7, quick=quick),
        "starts": lambda folder: starts.measure(folder, 1 if quick else 7),
        "day": lambda _: day.measure(rows),
        "price": lambda _: price.measure(),
    }
    for part in parts:
        folder = place / part
        folder.mkdir()
        for row in chosen[part](folder):
            rows.append(row)
            yield row


def versions() -> dict[str, str]:
    """Of what runs the Workers."""
    lock = json.loads((WORKER / "package-lock.json").read_text())["packages"]
    names = ("wrangler", "workerd", "@cloudflare/containers")
    docker = os.environ.get("WRANGLER_DOCKER_BIN", "docker")
    engine = subprocess.run(
        [docker, "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=False
    )
    return {
        "offing": version("offing"),
        **{name: lock[f"node_modules/{name}"]["version"] for name in names},
        "Docker": engine.stdout.strip() or "none",
    }


def main() -> int:
    """Measure, print and keep; 1 where something that must be reached is not."""
    options = arguments()
    began, busy = time.perf_counter(), os.getloadavg()[0]
    cores = keep_to(options.cores)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="offing-bench-") as place:
        for row in measured(Path(place), options.only or PARTS, quick=options.quick):
            print("  ".join(filter(None, cells(row))), file=sys.stderr, flush=True)
            rows.append(row)
    words = ["--quick"] if options.quick else []
    words += [f"--only {part}" for part in options.only or ()]
    about = About(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), machine(), cores,
        " ".join(["python -m bench.edge", *words]), time.perf_counter() - began, busy, versions(),
    )  # fmt: skip
    print(PAGE.markdown(about, rows))
    if not (options.quick or options.only):
        PAGE.keep(RESULTS, about, rows)
    return int(any(row.reached == "no" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
