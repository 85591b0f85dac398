"""A large file through both Workers, and what ours holds meanwhile."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.edge.rows import EdgeRow
from bench.edge.sides import CALLERS, one_line, ours
from bench.ocr.rows import Row
from tests.e2e.downloading import address
from tests.e2e.edge import Edge
from tests.e2e.files import HUGE, LARGE, SIZES
from tests.e2e.hub import Hub, filled_hub
from tests.e2e.services import DOWNLOADS

MB = 1_000_000
LOOK_SECONDS = 0.05
LIMIT_SECONDS = 600
STORES_NOTHING = {"XET_STORE_MAX_BYTES": "0"}


@dataclass(frozen=True)
class Passed:
    """One download."""

    rate: float
    """MB/s."""
    growth: float
    """MB that the Worker's runtime held more at its peak than before."""


def measure(folder: Path, rounds: int, *, quick: bool) -> Iterator[Row]:
    """Rates, and the growth of memory; then the same with the bucket, which is no stream any more."""
    name = LARGE if quick else HUGE
    with filled_hub(folder) as hub:
        yield from streamed(folder, hub, name, rounds)
        yield from stored(folder, hub, name)


def streamed(folder: Path, hub: Hub, name: str, rounds: int) -> Iterator[Row]:
    """Both Workers in turn, out of the cache of the container."""
    theirs: list[Passed] = []
    mine: list[Passed] = []
    environment = dict(hub.environment)
    with (
        one_line(folder / "line", DOWNLOADS, environment) as least,
        ours(folder / "ours", environment | STORES_NOTHING) as edge,
    ):
        for each in (least, edge):
            fetch(each, name)  # fills the cache of its container
        for turn in range(rounds):
            sides = [(least, theirs), (edge, mine)]
            for side, noted in sides if turn % 2 else reversed(sides):
                noted.append(fetch(side, name))
    work = f"{SIZES[name] / 1e9:g} GB streamed through the Worker, beside a Worker of one line"
    detail = {"anchor": [vars(each) for each in theirs], "ours": [vars(each) for each in mine]}
    low, high = (median(each.rate for each in side) for side in (theirs, mine))
    yield EdgeRow("download, rate", work, "MB/s", low, high, more_is_better=True, detail=detail)
    before, beyond = (max(each.growth for each in side) for side in (theirs, mine))
    yield EdgeRow(
        "download, memory", "the same: growth of the Worker's memory, at most", "MB", before, beyond
    )


def stored(folder: Path, hub: Hub, name: str) -> Iterator[Row]:
    """The first client of a file, while it goes into the bucket, and the second, who gets it from there."""
    environment = dict(hub.environment)
    with ours(folder / "stored", environment) as edge:
        first = fetch(edge, name)
        second = fetch(edge, name)
    for turn, each in (("first, which goes into the bucket", first), ("second, out of the bucket", second)):
        work = f"the same with a bucket: the {turn}"
        yield EdgeRow("stored, rate", f"{work}: rate", "MB/s", None, each.rate)
        yield EdgeRow("stored, memory", f"{work}: growth of the Worker's memory", "MB", None, each.growth)


def fetch(edge: Edge, name: str) -> Passed:
    """Download a file. Raises AssertionError where not all of it comes."""
    command = [
        "curl", "-s", "-f", "-o", "/dev/null", "-w", "%{size_download} %{time_total}",
        "-H", f"X-API-Key: {CALLERS[0]}", address(edge.url, name),
    ]  # fmt: skip
    with watched(edge) as growth:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    size, seconds = (float(each) for each in done.stdout.split())
    assert done.returncode == 0, f"curl {done.returncode}\n{edge.log.read_text()[-2000:]}"  # noqa: S101
    assert size == SIZES[name], f"{size} bytes of {SIZES[name]}"  # noqa: S101
    return Passed(size / seconds / MB, growth[0] / MB)


@contextmanager
def watched(edge: Edge) -> Iterator[list[int]]:
    """The growth of the runtime's memory while the block runs, in bytes, once it has ended."""
    before, growth, over = edge.memory, [0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK_SECONDS):
            growth[0] = max(growth[0], edge.memory - before)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield growth
    finally:
        over.set()
        watching.join()
