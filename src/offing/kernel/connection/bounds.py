"""What the connections of one server may take."""

from __future__ import annotations

import msgspec

from offing.kernel.connection.untaken import Untaken
from offing.kernel.metrics import Metrics


class Bounds(msgspec.Struct, frozen=True):
    """The bounds that settings decide, and where what they refuse is counted."""

    header_seconds: float
    """How long a head, or the rest of a body that nobody reads, may take to come."""
    stall_seconds: float
    """How long a client may take nothing of what is sent to it."""
    connections: int
    metrics: Metrics
    untaken: Untaken = msgspec.field(default_factory=Untaken)
    """Answers that are on their way when their connections close."""
