"""What reading may take."""

from __future__ import annotations

from dataclasses import dataclass

from offing.xet.engine import budget


@dataclass(frozen=True)
class Limits:
    """Bounds of one reader."""

    memory: int = budget.DEFAULT
    """Bytes that all streams together may hold."""
    stall_seconds: float = 30.0
    """Seconds without a byte after which a connection is given up, and the rest asked for by another."""
    patience: float = 120.0
    """Seconds without a byte, new connections and all, after which a stream gives up."""
