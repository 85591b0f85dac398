"""A row of the table: what both sides did, what was asked of ours, and whether it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Target:
    """What a row must reach and what it aims at.

    For a row judged by ``ratio`` these are factors in our favour; for one judged ``at most`` they
    are bounds in the row's own unit.
    """

    must: float | None = None
    goal: float | None = None
    judged: Literal["ratio", "at most"] = "ratio"


RATIOS: Mapping[str, Target] = {
    "small gray": Target(2.5, 4),
    "small colour": Target(1.4, 3),
    "large progressive": Target(1.1, 1.6),
    "large baseline": Target(1.1, 2.4),
    "large progressive, fast": Target(2.3, 5),
    "large baseline, fast": Target(5, 7),
    "requests a second, small gray": Target(3, 5),
    "requests a second, small colour": Target(3, 5),
    "requests a second, large": Target(2.5, 4),
    "start": Target(1, 2),
}
BOUNDS: Mapping[str, Target] = {
    "start in the container": Target(None, 2.5, "at most"),
    "peak resident": Target(450, 300, "at most"),
    "slowest hostile answer": Target(3, None, "at most"),
    "bystander p99": Target(500, 150, "at most"),
}
TARGETS: Mapping[str, Target] = {**RATIOS, **BOUNDS}
UNJUDGED = Target()


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    """The key of its target in :data:`TARGETS`; a row with another name is shown, not judged."""
    work: str
    unit: str
    reference: float | None
    ours: float | None
    more_is_better: bool = False
    broken: str = ""
    """Why the figures do not count, for instance that the two sides' numbers differ."""
    reference_at_least: bool = False
    """The reference was cut off by a time limit: its figure is a lower bound."""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """What is asked of it."""
        return TARGETS.get(self.name, UNJUDGED)

    @property
    def ratio(self) -> float | None:
        """How many times better ours is; below 1 it is worse."""
        if not self.reference or not self.ours:
            return None
        return self.ours / self.reference if self.more_is_better else self.reference / self.ours

    def reaches(self, wanted: float | None) -> bool:
        """Whether ours is as good as wanted."""
        if wanted is None:
            return False
        if self.target.judged == "at most":
            return self.ours is not None and self.ours <= wanted
        return self.ratio is not None and self.ratio >= wanted

    @property
    def reached(self) -> str:
        """``goal``, ``must``, ``no``; empty where nothing was asked or nothing was measured."""
        if self.ours is None or self.target == UNJUDGED:
            return ""
        if self.broken:
            return "no"
        if self.reaches(self.target.goal):
            return "goal"
        if self.target.must is None:
            return "no"
        return "must" if self.reaches(self.target.must) else "no"
