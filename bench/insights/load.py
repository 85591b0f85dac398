"""Requests a second with 8 clients, each sending its next unique image as soon as it is answered.

The clients are threads of one process beside the server: blocking sockets and prepared bytes are
the cheapest load there is in Python, and what it costs is kept in the results, because it is
taken from the two cores that the server has.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.insights.images import Images
from bench.insights.rows import Row
from bench.insights.sides import ROOT, Server, Side, serving
from bench.insights.wire import Connection, Unanswered, Upload, upload

CLIENTS = 8


def client(port: int, upload: Upload, until: float, statuses: Counter[str]) -> None:
    """One client: it starts no request after ``until`` and finishes the one that it has started."""
    with Connection(port) as connection:
        while time.perf_counter() < until:
            try:
                answer = connection.post(upload)
            except Unanswered:
                statuses["no answer"] += 1
                return  # a server that is gone would be asked without end
            cached = b'"cached":true' in answer.body.replace(b" ", b"")
            statuses["cached" if cached else str(answer.status)] += 1


def run(port: int, upload: Upload, seconds: float) -> dict[str, Any]:
    """All clients for some seconds; the rate counts until the last answer, so nothing is rounded up."""
    statuses = [Counter[str]() for _ in range(CLIENTS)]
    start = time.perf_counter()
    threads = [
        threading.Thread(target=client, args=(port, upload, start + seconds, each)) for each in statuses
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


def window(server: Server, image: Path, seconds: float) -> dict[str, Any]:
    """One window in a process of its own."""
    command = [sys.executable, "-m", "bench.insights.load", str(server.port), str(image), str(seconds)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    measured: dict[str, Any] = json.loads(printed)
    return measured


def measure(sides: Sequence[Side], images: Images, windows: dict[str, tuple[int, float]]) -> Iterator[Row]:
    """A row for each size; ``windows`` gives the number of windows and the seconds of each.

    The first side is the reference, the last is ours, those between are shown in the detail.
    """
    with ExitStack() as stack:
        ready = upload(images.small_gray)
        servers = [stack.enter_context(serving(side, ready)) for side in sides]
        folder = stack.enter_context(TemporaryDirectory(prefix="offing-bench-"))
        pictures = (
            ("small gray", images.small_gray),
            ("small colour", images.small_colour),
            ("large", images.large_progressive),
        )
        for size, image in pictures:
            path = Path(folder, size)
            path.write_bytes(image)
            count, seconds = windows[size.split()[0]]
            rounds = [[window(server, path, seconds) for server in servers] for _ in range(count)]
            yield row(size, [server.side.name for server in servers], rounds)


def row(size: str, names: Sequence[str], rounds: Sequence[Sequence[dict[str, Any]]]) -> Row:
    """The medians of the windows of one size."""
    taken = {name: [each[place] for each in rounds] for place, name in enumerate(names)}
    rates = {name: median(each["rate"] for each in windows) for name, windows in taken.items()}
    failed = sorted({status for each in taken[names[-1]] for status in each["statuses"]} - {"200"})
    return Row(
        f"requests a second, {size}",
        f"requests/s, {CLIENTS} clients, unique images, {size}",
        "/s",
        rates[names[0]],
        rates[names[-1]],
        more_is_better=True,
        broken=f"answers that were not 200: {', '.join(failed)}" if failed else "",
        detail={"rates": rates, "windows": taken},
    )


if __name__ == "__main__":
    port, path, seconds = sys.argv[1:]
    print(json.dumps(run(int(port), upload(Path(path).read_bytes()), float(seconds))))
