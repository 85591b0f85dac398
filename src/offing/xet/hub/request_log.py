"""What was asked of the hub, for tests and benchmarks: counts and bytes by kind, and the last requests."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping

import msgspec

ENTRIES = 20_000

_KINDS = (
    ("xorb", re.compile(r"/xorbs/.*")),
    ("reconstruction", re.compile(r"(/v\d)?/reconstructions/.*")),
    ("take-xorb", re.compile(r"/v1/xorbs/.*")),
    ("take-shard", re.compile(r"(/v1)?/shards")),
    ("token", re.compile(r"/api/.*/xet-(read|write)-token/.*")),
    ("tree", re.compile(r"/api/.*/(tree|paths-info)/.*")),
    ("commit", re.compile(r"/api/.*/(preupload|commit)/.*")),
    ("info", re.compile(r"/api/(models|datasets|spaces)/.*")),
    ("resolve", re.compile(r"/.*/resolve/.*")),
    ("content", re.compile(r"/contents/.*")),
)
OTHER = "other"
KINDS = (*(name for name, _ in _KINDS), OTHER)


def kind_of(path: str) -> str:
    """What a request is for."""
    return next((name for name, pattern in _KINDS if pattern.fullmatch(path)), OTHER)


class Asked(msgspec.Struct):
    """One request."""

    kind: str
    method: str
    path: str
    headers: Mapping[str, str]
    status: int = 0
    sent: int = 0
    """Bytes of the answer's body."""


class Totals(msgspec.Struct):
    """All requests of a kind."""

    requests: int = 0
    bytes: int = 0


class RequestLog:
    """The last requests, the oldest forgotten first; the totals forget nothing."""

    def __init__(self) -> None:
        self.entries: deque[Asked] = deque(maxlen=ENTRIES)
        self.totals: dict[str, Totals] = {kind: Totals() for kind in KINDS}

    def clear(self) -> None:
        """Begin anew."""
        self.entries.clear()
        self.totals = {kind: Totals() for kind in KINDS}

    def of(self, kind: str) -> list[Asked]:
        """The last requests of a kind, oldest first."""
        return [each for each in self.entries if each.kind == kind]

    def begin(self, asked: Asked) -> None:
        """Note a request."""
        self.entries.append(asked)
        self.totals[asked.kind].requests += 1

    def sent(self, asked: Asked, count: int) -> None:
        """Note bytes of an answer."""
        asked.sent += count
        self.totals[asked.kind].bytes += count
