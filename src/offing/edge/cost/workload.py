"""A month of one service's work, and how long it keeps containers awake."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from offing.kernel.problems import Problem

MONTH = 30 * 24 * 3600
"""Seconds."""
SLEEP_AFTER = 600.0
"""Seconds of idleness after which the platform's library stops a container, where nobody says otherwise."""


class DoesNotFit(Problem):
    """The work takes longer than there is time."""

    code = "does-not-fit"
    text = "The work takes longer than the containers are awake."
    remedy = "Give more instances or a larger type, or fewer or shorter requests."
    exit_code = 2


class Arrival(enum.StrEnum):
    """How requests come, which says how often a container waits for its sleep in vain."""

    ISOLATED = "isolated"
    """Each finds every container asleep, while they are few enough for that."""
    BURSTS = "bursts"
    """They come in a number of bursts, one after another in each."""
    HOURS = "hours"
    """However they come, containers are awake for so many hours."""
    ALWAYS = "always"
    """No container ever sleeps."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What is asked of a service in a month of 30 days."""

    requests: int | None = None
    """``None``: containers work all the time that they are awake."""
    seconds: float = 0.0
    """Time that a container works on one request, one after another."""
    start: float = 0.0
    """Time from a container's start until it works, with all of its CPU in use."""
    sleep_after: float = SLEEP_AFTER
    """Seconds of idleness after which a container is stopped; they are paid for."""
    arrival: Arrival = Arrival.ISOLATED
    bursts: int = 1
    hours: float = 0.0
    instances: int = 1
    """Containers that are awake in a burst, or always; at most so many at once."""
    cpu_share: float = 1.0
    """Of the type's CPU in use while a container works, 0 to 1."""
    egress: Mapping[str, float] = field(default_factory=dict)
    """GB sent to clients, by region."""

    @property
    def millions(self) -> float:
        """Millions of requests, as they are billed."""
        return (self.requests or 0) / 1e6

    @property
    def starts(self) -> int:
        """How many times a container is started."""
        requests = self.requests or 0
        if self.arrival is Arrival.ISOLATED:
            alone = self.start + self.seconds + self.sleep_after
            # More than fit into the month one after another meet a container that is still awake.
            return int(min(requests, self._longest // alone)) if alone else requests
        return min(requests, self.bursts * self.instances) if self.arrival is Arrival.BURSTS else 0

    @property
    def awake(self) -> float:
        """Seconds that containers are awake, all together. Raises :class:`DoesNotFit`."""
        awake = self._awake
        if awake > self._longest or self._requested > awake:
            raise DoesNotFit(
                f"{max(awake, self._requested) / 3600:,.0f} hours of work a month do not fit into the "
                f"{min(awake, self._longest) / 3600:,.0f} that {self.instances} instances are awake."
            )
        return awake

    @property
    def working(self) -> float:
        """Seconds that containers work on requests, of those that they are awake."""
        return self.awake if self.requests is None else self._requested

    @property
    def starting(self) -> float:
        """Seconds that containers spend on starts."""
        return self.starts * self.start

    @property
    def _longest(self) -> float:
        return float(self.instances * MONTH)

    @property
    def _requested(self) -> float:
        return (self.requests or 0) * self.seconds

    @property
    def _awake(self) -> float:
        if self.arrival is Arrival.ALWAYS:
            return self._longest
        if self.arrival is Arrival.HOURS:
            return self.hours * 3600
        tails = (self.requests or 0) if self.arrival is Arrival.ISOLATED else self.starts
        awake = self._requested + tails * (self.start + self.sleep_after)
        return max(self._requested, min(awake, self._longest))
