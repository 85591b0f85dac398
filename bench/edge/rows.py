"""What must be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.ocr.rows import UNJUDGED, Row, Target

WAKE = Target(1, 0.3, "at most")
SOON = Target(2.5, 1.2, "at most")
FEWER = Target(0.6, 0.4, "at most")

TARGETS: Mapping[str, Target] = {
    "beyond, p50": Target(4, 1.5, "at most"),
    "beyond, p99": Target(10, 5, "at most"),
    "download, rate": Target(0.9, 0.98),
    "download, memory": Target(64, 32, "at most"),
    "wake, insights": WAKE,
    "wake, xet": WAKE,
    "wake, ocr": WAKE,
    "cold, insights": SOON,
    "cold, xet": SOON,
    "cold, ocr": Target(4.5, 2, "at most"),
    "day, insights": FEWER,
    "day, ocr": FEWER,
    "price": Target(7, 5.5, "at most"),
}


@dataclass(frozen=True)
class EdgeRow(Row):
    """A row judged by this benchmark's targets."""

    @property
    def target(self) -> Target:
        """What is asked of it."""
        return TARGETS.get(self.name, UNJUDGED)
