"""A month of rare requests to OCR, as ``offing edge cost`` prices it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from bench.edge.rows import EdgeRow
from bench.ocr.rows import Row

REQUESTS = 1000
SEED = ("--type", "standard-4", "--seconds", "5", "--sleep-after", "10m")
"""What the project that this one follows deploys, priced by the same program."""


def measure() -> Iterator[Row]:
    """Requests that come alone, each to a sleeping container: dollars a month in all."""
    yield EdgeRow(
        "price", f"OCR, {REQUESTS} isolated requests a month, as deployed, beside standard-4 with 10 minutes",
        "$", priced(*SEED), priced("ocr"),
    )  # fmt: skip


def priced(*options: str) -> float:
    """The total of a bill, in US dollars."""
    asked = ["edge", "cost", *options, "--requests", str(REQUESTS), "--json"]
    command = [sys.executable, "-m", "offing", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["total"])
