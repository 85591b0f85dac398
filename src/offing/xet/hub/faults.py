"""Troubles that a network and a content store can have, made to order: for tests and benchmarks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Literal

import msgspec

Trouble = Literal["status", "cut", "flip", "stall"]


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A trouble of some answers of a kind. Of ``every`` and ``probability``, one says which."""

    what: Trouble
    """status: another answer; cut: a broken connection; flip: a changed byte; stall: silence for long."""
    on: str = "xorb"
    """The kind of request, as the request log names it, or "any"."""
    every: int = 0
    """Each answer whose number, from 1, is a multiple; 0 leaves it to the probability."""
    probability: float = 1.0
    first: int = 0
    """Answers that go well before the rule begins."""
    times: int = 0
    """How often at most; 0 is without bound."""
    status: int = 500
    retry_after: float | None = None
    """Seconds."""
    at: int = 0
    """cut, stall: after so many bytes of the body; flip: the byte of the file, where the range has it."""
    path: str = ""
    """Only requests whose path has this in it."""
    mask: int = 0xFF
    """The bits that flip."""
    seconds: float = 3600.0


class Faults(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong, and how slow everything is."""

    latency_ms: float = 0.0
    """Before each answer."""
    megabytes_per_second: float = 0.0
    """Of each connection that takes content; 0 is without bound."""
    seed: int = 0
    rules: list[Rule] = []


Rewrite = Callable[[dict[str, Any]], dict[str, Any]]


class FaultPlan:
    """Decides which answer has which troubles; the same seed and order of requests decide the same."""

    def __init__(self, faults: Faults) -> None:
        self.rewrite: Rewrite | None = None
        """Changes the body of each reconstruction: a content store that lies."""
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Begin anew with other faults."""
        self.faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311  troubles, not secrets
        self._seen = [0] * len(faults.rules)
        self._done = [0] * len(faults.rules)

    def troubles(self, kind: str, path: str) -> dict[Trouble, Rule]:
        """The troubles of the next answer."""
        found: dict[Trouble, Rule] = {}
        for number, rule in enumerate(self.faults.rules):
            if rule.on in (kind, "any") and rule.path in path and self._strikes(number, rule):
                found.setdefault(rule.what, rule)
        return found

    def _strikes(self, number: int, rule: Rule) -> bool:
        self._seen[number] += 1
        count = self._seen[number] - rule.first
        if count <= 0 or (rule.times and self._done[number] >= rule.times):
            return False
        strikes = count % rule.every == 0 if rule.every else self._random.random() < rule.probability
        self._done[number] += strikes
        return strikes
