"""Requests a second with 8 clients, each sending its next image as soon as it is answered.

The clients are threads of a process of their own: blocking sockets and prepared bytes, so that little
is taken from the two cores that the server has. What it is stands in the results.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.insights.sides import ROOT, Server, Side, serving
from bench.insights.wire import Connection, Unanswered, Upload
from bench.ocr.exchange import upload
from bench.ocr.labelled import Labelled
from bench.ocr.rows import Row

CLIENTS = 8
PATIENCE = 120.0


def client(port: int, uploads: Iterator[Upload], until: float, statuses: Counter[str]) -> None:
    """One client: it starts no request after ``until`` and finishes the one that it has started."""
    with Connection(port) as connection:
        while time.perf_counter() < until:
            try:
                statuses[str(connection.post(next(uploads), PATIENCE).status)] += 1
            except Unanswered:
                statuses["no answer"] += 1
                return  # a server that is gone would be asked without end


def run(port: int, images: Sequence[bytes], seconds: float) -> dict[str, Any]:
    """All clients for some seconds; the rate counts until the last answer, so nothing is rounded up."""
    uploads = [upload(image) for image in images]
    statuses = [Counter[str]() for _ in range(CLIENTS)]
    start = time.perf_counter()
    threads = [
        threading.Thread(
            target=client, args=(port, islice(cycle(uploads), place, None), start + seconds, counts)
        )
        for place, counts in enumerate(statuses)  # each begins with another image
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - start
    total = sum(statuses, Counter[str]())
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "rate": total["200"] / took,
        "statuses": dict(total),
        "client_cpu_ms_each": (spent.ru_utime + spent.ru_stime) * 1000 / max(1, total.total()),
    }


def window(server: Server, images: Sequence[Labelled], seconds: float) -> dict[str, Any]:
    """One window in a process of its own."""
    paths = [str(each.path) for each in images]
    command = [sys.executable, "-m", "bench.ocr.load", str(server.port), str(seconds), *paths]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    measured: dict[str, Any] = json.loads(printed)
    return measured


def measure(
    anchor: Side, ours: Side, groups: Mapping[str, tuple[Sequence[Labelled], tuple[int, float]]]
) -> Iterator[Row]:
    """A row for each group; with its images the number of windows and the seconds of each."""
    with ExitStack() as stack:
        first = upload(next(iter(groups.values()))[0][0].content)
        servers = [stack.enter_context(serving(side, first)) for side in (anchor, ours)]
        for name, (images, (count, seconds)) in groups.items():
            for server in servers:
                warm_up(server, images)
            taken = [[window(server, images, seconds) for server in servers] for _ in range(count)]
            yield row(name, *zip(*taken, strict=True))


def warm_up(server: Server, images: Sequence[Labelled]) -> None:
    """Send every image once."""
    with Connection(server.port) as connection:
        for image in images:
            connection.post(upload(image.content), PATIENCE)


def row(name: str, theirs: Sequence[Mapping[str, Any]], mine: Sequence[Mapping[str, Any]]) -> Row:
    """The medians of the windows of one group."""
    failed = sorted({status for each in mine for status in each["statuses"]} - {"200"})
    return Row(
        f"requests a second, {name}",
        f"requests/s, {CLIENTS} clients, {name} pages",
        "/s",
        median(each["rate"] for each in theirs),
        median(each["rate"] for each in mine),
        more_is_better=True,
        broken=f"answers that were not 200: {', '.join(failed)}" if failed else "",
        detail={"anchor": theirs, "ours": mine},
    )


if __name__ == "__main__":
    port, seconds, *paths = sys.argv[1:]
    print(json.dumps(run(int(port), [Path(path).read_bytes() for path in paths], float(seconds))))
