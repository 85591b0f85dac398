"""One client, one image at a time, the sides taking turns: how long a whole request takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from bench.insights.sides import Server, Side, serving
from bench.insights.wire import Connection
from bench.ocr.exchange import FAST, PATH, seen, upload
from bench.ocr.labelled import Labelled
from bench.ocr.rows import Row
from bench.ocr.sides import cpu

SETTLE = 0.25
"""Seconds between two requests: OpenMP's threads spin for up to 0.2 s after their work, and would take the
processor from the side whose turn is next."""


@dataclass(frozen=True)
class Effort:
    """Rounds over all images of a group, and the seconds after which no further round begins."""

    rounds: int
    seconds: float


@dataclass
class Turn:
    """One way to ask: a server and a path, and what it took for each image."""

    server: Server
    connection: Connection
    path: str
    whole: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds by image, round after round."""
    beyond: dict[str, list[float]] = field(default_factory=dict)
    """Of these what the server does not count as its engine's."""
    spent: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds of processor time."""

    def ask(self, image: Labelled) -> None:
        """Send one image and keep what it took."""
        time.sleep(SETTLE)
        prepared, before = upload(image.content, self.path), cpu(self.server)
        answer = self.connection.post(prepared)
        told, milliseconds = seen(answer), answer.seconds * 1000
        self.spent.setdefault(image.name, []).append((cpu(self.server) - before) * 1000)
        self.whole.setdefault(image.name, []).append(milliseconds)
        if told.engine is not None:
            self.beyond.setdefault(image.name, []).append(milliseconds - told.engine)

    def forget(self) -> None:
        """Drop what was kept: it was a warm-up, or of another group."""
        for kept in (self.whole, self.beyond, self.spent):
            kept.clear()


def middle(taken: Mapping[str, Sequence[float]]) -> float | None:
    """The median over images of each image's median, so that no image counts for more than another."""
    return median(median(each) for each in taken.values()) if taken else None


def measure(
    anchor: Side, ours: Side, groups: Mapping[str, tuple[Sequence[Labelled], Effort]]
) -> Iterator[Row]:
    """Two rows a group, the default quality and the fast one, and what HTTP and decoding take."""
    first = upload(next(iter(groups.values()))[0][0].content)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(side, first)) for side in (anchor, ours)]
        turns = [
            Turn(server, stack.enter_context(Connection(server.port)), path)
            for server, path in ((servers[0], PATH), (servers[1], PATH), (servers[1], FAST))
        ]
        for name, (images, effort) in groups.items():
            rounds = take_turns(turns, images, effort)
            yield from rows(name, turns, rounds)


def take_turns(turns: Sequence[Turn], images: Sequence[Labelled], effort: Effort) -> int:
    """A round that warms every shape up and is dropped, then those that count; gives their number."""
    order = list(turns)
    until = time.perf_counter() + effort.seconds
    for done in range(effort.rounds + 1):
        for image in images:
            for turn in order:
                turn.ask(image)
            order.reverse()  # so that no side always follows the same other
        if done == 0:
            for turn in turns:
                turn.forget()
        elif time.perf_counter() > until:
            return done
    return effort.rounds


def rows(name: str, turns: Sequence[Turn], rounds: int) -> Iterator[Row]:
    """The rows of a group."""
    theirs, mine, fast = turns
    for turn, suffix, told in ((mine, "", "default quality"), (fast, ", fast", "`quality=fast`")):
        yield Row(
            f"{name}{suffix}", f"{name} pages, warm, whole request, {told}", "ms",
            middle(theirs.whole), middle(turn.whole), detail=detail(theirs, turn, rounds),
        )  # fmt: skip
        yield Row(
            f"{name}{suffix}, processor time", "the same, processor time of the server", "ms",
            middle(theirs.spent), middle(turn.spent),
        )  # fmt: skip
    if name == "simple":
        yield Row(
            "beyond the engine", "simple pages, HTTP and decoding beyond the engine's time", "ms",
            middle(theirs.beyond), middle(mine.beyond),
        )  # fmt: skip


def detail(theirs: Turn, mine: Turn, rounds: int) -> dict[str, object]:
    """Each image's median on both sides, in milliseconds."""
    each = {
        name: [round(median(theirs.whole[name]), 1), round(median(taken), 1)]
        for name, taken in mine.whole.items()
    }
    return {"rounds": rounds, "anchor and ours by image": each}
