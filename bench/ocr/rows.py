"""A row of the table: what the anchor and ours did, what was asked of ours, and whether it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Target:
    """What a row must reach and what it aims at.

    For a row judged by ``ratio`` these are factors in our favour; for one judged ``at most`` or ``at
    least`` they are bounds in the row's own unit.
    """

    must: float | None = None
    goal: float | None = None
    judged: Literal["ratio", "at most", "at least"] = "ratio"


SPEED: Mapping[str, Target] = {
    "simple": Target(4.5, 6),
    "complex": Target(6, 9),
    "simple, fast": Target(8, 12),
    "complex, fast": Target(12, 18),
    "requests a second, simple": Target(4.5, 8),
    "requests a second, complex": Target(6, 10),
}
ACCURACY: Mapping[str, Target] = {
    "word-F1, simple": Target(0.985, 0.99, "at least"),
    "word-F1, complex": Target(0.955, 0.97, "at least"),
    "word-F1, Latin and CJK": Target(0.92, 0.95, "at least"),
    "word-F1, turned": Target(0.97, 0.99, "at least"),
    "word-F1, Korean": Target(0.6, 0.9, "at least"),
    **{
        f"word-F1, {language}": Target(0.9, 0.97, "at least")
        for language in (
            "Russian", "Greek", "Arabic", "Hindi", "Thai", "Tamil", "Telugu", "Vietnamese"
        )
    },
    "character error rate": Target(0.05, 0.015, "at most"),
}  # fmt: skip
COST: Mapping[str, Target] = {
    "beyond the engine": Target(10, 4, "at most"),
    "start": Target(2, 1, "at most"),
    "start in the container": Target(None, 3, "at most"),
    "resident": Target(1600, 1200, "at most"),
    "resident, fast": Target(1000, 600, "at most"),
    "growth": Target(3, 1, "at most"),
    "growth, fast": Target(3, 1, "at most"),
    "image": Target(1500, 900, "at most"),
}
TARGETS: Mapping[str, Target] = {**SPEED, **ACCURACY, **COST}
UNJUDGED = Target()


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    """The key of its target in :data:`TARGETS`; a row with another name is shown, not judged."""
    work: str
    unit: str
    """Empty for a share of one."""
    anchor: float | None
    ours: float | None
    more_is_better: bool = False
    broken: str = ""
    """Why the figures do not count, for instance that answers were not 200."""
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """What is asked of it."""
        return TARGETS.get(self.name, UNJUDGED)

    @property
    def ratio(self) -> float | None:
        """How many times better ours is; shares of one have none, as theirs would say little."""
        if not self.unit or not self.anchor or not self.ours:
            return None
        return self.ours / self.anchor if self.more_is_better else self.anchor / self.ours

    def reaches(self, wanted: float | None) -> bool:
        """Whether ours is as good as wanted."""
        if wanted is None or self.ours is None:
            return False
        match self.target.judged:
            case "at most":
                return self.ours <= wanted
            case "at least":
                return self.ours >= wanted
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
        return "must" if self.reaches(self.target.must) else "no"
