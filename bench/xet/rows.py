"""What must be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.ocr.rows import UNJUDGED, Row, Target

TARGETS: Mapping[str, Target] = {
    "through, rate": Target(0.5, 0.75),
    "through, thrift": Target(0.45, 0.65),
    "alone, thrift, HTTP": Target(1.1, 1.4),
    "alone, thrift, TLS": Target(1.2, 1.7),
    "first byte": Target(80, 30, "at most"),
    "slow connections": Target(1.2, 2),
    "one stream": Target(64, 40, "at most"),
    "one stalled stream": Target(64, 40, "at most"),
    "streams": Target(1200, 800, "at most"),
    "beside stalled ones": Target(25, 10, "at most"),
    "warm": Target(0.5, 0.8),
    "second client": Target(1.1, 1.02, "at most"),
    "container": Target(100, 200, "at least"),
}


@dataclass(frozen=True)
class XetRow(Row):
    """A row judged by this benchmark's targets."""

    @property
    def target(self) -> Target:
        """What is asked of it."""
        return TARGETS.get(self.name, UNJUDGED)
