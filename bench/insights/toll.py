"""What a set of hostile requests did to one side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.insights.bystander import Log
from bench.insights.process_tree import Peak
from bench.insights.wire import Upload


@dataclass(frozen=True)
class Case:
    """One hostile request and the statuses that are right for it."""

    name: str
    upload: Upload
    right: frozenset[int]


@dataclass(frozen=True)
class Outcome:
    """What came of one request: a status, ``closed``, ``died`` or ``late``, and after how long."""

    name: str
    result: str
    seconds: float
    right: bool

    @property
    def server_is_gone(self) -> bool:
        """Whether the next request needs a new server."""
        return self.result in {"late", "died"}


@dataclass
class Toll:
    """What the whole set did to one side."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """By the request's name; of several passes the slowest."""
    passes: int = 0
    peak: Peak = field(default_factory=Peak)
    log: Log = field(default_factory=Log)

    def take(self, outcome: Outcome) -> None:
        """Keep an outcome."""
        known = self.outcomes.get(outcome.name, outcome)
        self.outcomes[outcome.name] = max(known, outcome, key=lambda each: each.seconds)

    @property
    def slowest(self) -> Outcome:
        """The outcome that took longest."""
        return max(self.outcomes.values(), key=lambda each: each.seconds)

    @property
    def results(self) -> Counter[str]:
        """How many of each result."""
        return Counter(each.result for each in self.outcomes.values())

    def told(self) -> dict[str, Any]:
        """Tell it for the kept results."""
        each = self.outcomes.values()
        return {
            "results": dict(sorted(self.results.items())),
            "answered_right": sum(outcome.right for outcome in each),
            "slowest": self.slowest.name,
            "passes": self.passes,
            "bystander_requests": len(self.log.waited),
            "bystander_failures": dict(self.log.failed),
            "memory_samples": self.peak.samples,
            "outcomes": {one.name: [one.result, one.right, round(one.seconds, 3)] for one in each},
        }
