"""Every peer and ours on the same images in turn: accuracy, wall and processor time, memory.

A peer is timed inside its process from the image's file to its lines; ours is timed as a whole HTTP
request, which is to its disadvantage.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from bench.insights import process_tree
from bench.insights.sides import Server, Side, serving
from bench.insights.wire import Connection
from bench.ocr import sides
from bench.ocr.exchange import BALANCED, FAST, PATH, seen, upload
from bench.ocr.labelled import Labelled
from bench.ocr.latency import Effort
from bench.ocr.peers import PEERS, Reading
from bench.ocr.scoring import word_f1

MEGABYTE = 1_000_000
QUALITIES = {"offing": PATH, "offing, balanced": BALANCED, "offing, fast": FAST}
SAME = 0.0005
"""Accuracies that print alike count as equal."""


@dataclass(frozen=True)
class Figures:
    """What one engine did with one group."""

    name: str
    group: str
    word_f1: float
    wall: float
    """Milliseconds, the median over images of each image's median."""
    cpu: float
    """Milliseconds, likewise."""
    resident: float
    """The most megabytes that it has held until then; for ours, what all processes hold at that time."""
    failed: str = ""
    """Images that it gave no answer for."""

    @property
    def is_ours(self) -> bool:
        """Whether it is a quality of ours."""
        return self.name in QUALITIES


@dataclass
class Tally:
    """What is kept of one engine while the rounds of a group go on."""

    lines: dict[str, Sequence[str]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    resident: float = 0.0
    failed: dict[str, str] = field(default_factory=dict)

    def take(self, image: Labelled, told: Mapping[str, Any]) -> None:
        """Keep one reading, in the form of :mod:`bench.ocr.programs.reading`."""
        if "error" in told:
            self.failed[image.name] = told["error"]
            return
        self.lines[image.name] = told["lines"]
        self.wall.setdefault(image.name, []).append(told["seconds"] * 1000)
        self.cpu.setdefault(image.name, []).append(told["cpu"] * 1000)
        self.resident = max(self.resident, told["peak"] / MEGABYTE)

    def figures(self, name: str, group: str, images: Sequence[Labelled]) -> Figures | None:
        """The figures of a group; none where no image was read."""
        read = [image for image in images if image.name in self.wall]
        if not read:
            return None
        f1 = fmean(word_f1(image.lines, self.lines[image.name], image.unit) for image in read)
        wall, cpu = (median(median(taken[image.name]) for image in read) for taken in (self.wall, self.cpu))
        return Figures(name, group, f1, wall, cpu, self.resident, ", ".join(self.failed))


Ask = Callable[[Labelled], Mapping[str, Any]]


def by_program(reading: Reading) -> Ask:
    """Ask a peer's program."""
    return lambda image: reading.read(image.path, image.language)


def by_request(server: Server, connection: Connection, path: str) -> Ask:
    """Ask our server, and tell what came in the programs' form."""

    def ask(image: Labelled) -> dict[str, Any]:
        prepared, before = upload(image.content, path), sides.cpu(server)
        answer = connection.post(prepared)
        spent = sides.cpu(server) - before
        held = process_tree.resident(process_tree.tree(server.process.pid))
        return {"lines": seen(answer).lines, "seconds": answer.seconds, "cpu": spent, "peak": held}

    return ask


def measure(
    peers: Path, ours: Side | None, groups: Mapping[str, tuple[Sequence[Labelled], Effort]]
) -> Iterator[Figures]:
    """Figures for each group and engine; without ours those of the peers alone."""
    with ExitStack() as stack:
        engines = {each.name: by_program(stack.enter_context(Reading(each, peers))) for each in PEERS}
        if ours is not None:
            first = upload(next(iter(groups.values()))[0][0].content)
            server = stack.enter_context(serving(ours, first))
            connection = stack.enter_context(Connection(server.port))
            engines |= {name: by_request(server, connection, path) for name, path in QUALITIES.items()}
        for group, (images, effort) in groups.items():
            tallies = take_turns(engines, images, effort)
            found = [tally.figures(name, group, images) for name, tally in tallies.items()]
            yield from filter(None, found)


def take_turns(engines: Mapping[str, Ask], images: Sequence[Labelled], effort: Effort) -> dict[str, Tally]:
    """A round that warms up and is dropped, then those that count."""
    tallies = {name: Tally() for name in engines}
    order = list(engines)
    until = time.perf_counter() + effort.seconds
    for done in range(effort.rounds + 1):
        if done == 1:
            tallies = {name: Tally() for name in engines}
        elif done and time.perf_counter() > until:
            break
        for image in images:
            for name in order:
                tallies[name].take(image, engines[name](image))
            order.reverse()  # so that no engine always follows the same other
    return tallies


def at_its_accuracy(peer: Figures, figures: Sequence[Figures]) -> Figures | None:
    """Our fastest quality that reads the group at least as well as the peer does."""
    ours = [
        each
        for each in figures
        if each.is_ours and each.group == peer.group and each.word_f1 >= peer.word_f1 - SAME
    ]
    return min(ours, key=lambda each: each.wall, default=None)
