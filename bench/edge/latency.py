"""What a small request costs beyond the Worker of one line: both in turn, each before its own container."""

from __future__ import annotations

import io
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import httpx
from PIL import Image

from bench.edge.rows import EdgeRow
from bench.edge.sides import CALLERS, one_line, ours
from bench.insights.wire import Connection, Upload, upload
from bench.ocr.rows import Row
from tests.e2e.edge import Edge
from tests.e2e.services import INSIGHTS
from tests.e2e.traffic import headers_of

WARM_UP, TIMED = 200, 100
GAP = 0.01
"""Seconds before each request, so that what a Worker does after an answer falls into nobody's time."""
PART = re.compile(r"([\w-]+);dur=([0-9.]+)")
OK = 200
ANCHOR, OURS = "one line", "ours"


def measure(folder: Path, rounds: int) -> Iterator[Row]:
    """The differences of median and 99th percentile, in milliseconds."""
    with one_line(folder / "line", INSIGHTS, {}) as least, ours(folder / "ours", {}) as edge:
        seconds, failures = in_turn(least, edge, rounds)
        logged, parts = unlogged(edge), timings(edge)
    theirs, mine = seconds[ANCHOR], seconds[OURS]
    broken = f"{failures} answers were not 200" if failures else logged
    detail = {
        "rounds": rounds,
        "server timing": parts,
        **{side: spread(each) for side, each in seconds.items()},
    }
    work = "a small image, warm, keys, limits and logs on, beyond a Worker of one line"
    for name, of in (("p50", median), ("p99", p99)):
        low, high = of(theirs) * 1000, of(mine) * 1000
        yield EdgeRow(f"{name} of both", f"{work}: {name} of each", "ms", low, high)
        yield EdgeRow(
            f"beyond, {name}", f"{work}: {name}", "ms", None, high - low, broken=broken, detail=detail
        )


def in_turn(least: Edge, edge: Edge, rounds: int) -> tuple[dict[str, list[float]], int]:
    """The seconds of every request to each side, and how many answers were not 200.

    Who goes first changes with each round, so that neither always follows the other.
    """
    seconds: dict[str, list[float]] = {ANCHOR: [], OURS: []}
    failures = 0
    small = image_upload()
    callers = itertools.cycle(CALLERS)
    with Connection(port(least)) as to_least, Connection(port(edge)) as to_ours:
        sides = [(ANCHOR, to_least), (OURS, to_ours)]
        for turn in range(WARM_UP + rounds):
            for side, connection in sides if turn % 2 else reversed(sides):
                time.sleep(GAP)
                answer = connection.post(with_key(small, next(callers)))
                failures += answer.status != OK
                if turn >= WARM_UP:
                    seconds[side].append(answer.seconds)
    return seconds, failures


def timings(edge: Edge) -> dict[str, float]:
    """The medians of what our Worker tells of its own parts (Server-Timing), in milliseconds."""
    found: dict[str, list[float]] = {}
    with httpx.Client(base_url=edge.url, trust_env=False, headers={"X-API-Key": CALLERS[0]}) as asking:
        for _ in range(TIMED):
            question = INSIGHTS.small()
            told = asking.post(question.path, content=question.body, headers=headers_of(question)).headers
            for name, milliseconds in PART.findall(told["Server-Timing"]):
                found.setdefault(name, []).append(float(milliseconds))
    return {name: median(each) for name, each in found.items()}


def image_upload() -> Upload:
    """A tiny JPEG that is another one in each request."""
    packed = io.BytesIO()
    Image.new("RGB", (16, 16), (90, 120, 150)).save(packed, "JPEG")
    return upload(packed.getvalue())


def with_key(prepared: Upload, key: str) -> Upload:
    """The same request from a caller with a key."""
    line, _, rest = prepared.before.partition(b"\r\n")
    return replace(prepared, before=line + b"\r\nX-API-Key: " + key.encode() + b"\r\n" + rest)


def port(edge: Edge) -> int:
    """Where a Worker listens on 127.0.0.1."""
    return int(edge.url.rpartition(":")[2])


def p99(values: list[float]) -> float:
    """The 99th percentile."""
    return quantiles(values, n=100, method="inclusive")[98]


def spread(values: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    cut = quantiles(values, n=100, method="inclusive")
    return {f"p{each}": round(cut[each - 1] * 1000, 3) for each in (5, 25, 50, 75, 90, 95, 99)}


def unlogged(edge: Edge) -> str:
    """A complaint where our Worker wrote no lines: what it leaves out would not be compared."""
    lines = edge.log.read_text().count('"event":"request"')
    return "" if lines >= WARM_UP else f"only {lines} lines in the log"
