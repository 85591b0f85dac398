"""Clients to nowhere, each in a process of its own: ours and hf_xet's stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.ocr.rows import Row
from bench.xet.content import FRAGMENTED, LARGE, MIXED
from bench.xet.hubs import RunningHub
from bench.xet.rows import XetRow

WHO = ("hf_xet", "ours")
ROUND_TRIPS = 3
"""Before the first byte: the file, the plan, the xorb; the token is there from the file before."""


def read(who: str, hub: RunningHub, name: str, certificate: Path | None = None) -> dict[str, float]:
    """One client's figures. Raises CalledProcessError."""
    trust = {"SSL_CERT_FILE": str(certificate)} if certificate else {}
    done = subprocess.run(
        [sys.executable, "-m", "bench.xet.reading", who, hub.base, name],
        capture_output=True, text=True, check=True, env={**os.environ, **trust},
    )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def rounds_of(
    hub: RunningHub, name: str, rounds: int, certificate: Path | None = None
) -> dict[str, list[dict[str, float]]]:
    """All figures of both sides, taken in turn."""
    taken: dict[str, list[dict[str, float]]] = {who: [] for who in WHO}
    for _ in range(rounds):
        for who in WHO:
            taken[who].append(read(who, hub, name, certificate))
    return taken


def row(name: str, work: str, unit: str, taken: dict[str, list[dict[str, float]]], key: str) -> Row:
    """The medians of one figure."""
    theirs, ours = ([each[key] for each in taken[who]] for who in WHO)
    return XetRow(
        name, work, unit, median(theirs), median(ours), more_is_better=unit.startswith("MB/"),
        detail={"anchor": theirs, "ours": ours},
    )  # fmt: skip


def measure(hub: RunningHub, rounds: int, *, certificate: Path | None = None) -> Iterator[Row]:
    """Thrift and rate beside hf_xet."""
    way = "TLS" if certificate else "HTTP"
    taken = rounds_of(hub, MIXED, rounds, certificate)
    yield row(
        f"alone, thrift, {way}",
        f"200 MB to nowhere over {way}: thrift",
        "MB/CPU-s",
        taken,
        "MB a processor second",
    )
    yield row(f"alone, rate, {way}", "the same: rate", "MB/s", taken, "MB/s")
    if certificate is None:
        yield one_stream(taken)
        pieces = rounds_of(hub, FRAGMENTED, rounds)
        yield row(
            "fragmented alone",
            "62 MB in many short terms, to nowhere: thrift",
            "MB/CPU-s",
            pieces,
            "MB a processor second",
        )
        yield row("fragmented alone, rate", "the same: rate", "MB/s", pieces, "MB/s")


def one_stream(taken: dict[str, list[dict[str, float]]]) -> Row:
    """Memory beyond what the process had before."""
    theirs, ours = (median(each["memory"] for each in taken[who]) / 1e6 for who in WHO)
    return XetRow("one stream", "200 MB to nowhere: memory beyond the process", "MB", theirs, ours)


def first_byte(hub: RunningHub, rounds: int, latency_ms: float = 50) -> Iterator[Row]:
    """What the first byte takes beyond the upstream's round trips."""
    hub.set_faults(latency_ms=latency_ms)
    try:
        taken = [read("ours", hub, MIXED)["first"] * 1000 for _ in range(rounds)]
    finally:
        hub.set_faults()
    beyond = [each - ROUND_TRIPS * latency_ms for each in taken]
    work = f"first byte beyond {ROUND_TRIPS} round trips of {latency_ms:g} ms"
    yield XetRow("first byte", work, "ms", None, median(beyond), detail={"ours": beyond})


def slow(hub: RunningHub, rounds: int) -> Iterator[Row]:
    """25 MB/s a connection and 50 ms: how much is moved beside hf_xet."""
    hub.set_faults(latency_ms=50, megabytes_per_second=25)
    try:
        taken = rounds_of(hub, LARGE, rounds)
    finally:
        hub.set_faults()
    yield row("slow connections", "1.5 GB at 25 MB/s a connection, 50 ms: rate", "MB/s", taken, "MB/s")
    yield row("slow connections, first", "the same: first byte", "s", taken, "first")
    yield row("slow connections, memory", "the same: memory beyond the process, bytes", "B", taken, "memory")
