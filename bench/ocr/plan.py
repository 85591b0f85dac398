"""The parts of the benchmark, and how much of each is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.insights.sides import Side
from bench.ocr import accuracy, beside, labelled, latency, load, soak, start
from bench.ocr.labelled import Labelled
from bench.ocr.latency import Effort
from bench.ocr.rows import Row


@dataclass(frozen=True)
class Amount:
    """How much is measured; every part ends by itself."""

    images: int | None
    """How many of each group; all without a number."""
    simple: Effort
    complex: Effort
    windows: Mapping[str, tuple[int, float]]
    """For each group the windows a side and the seconds of each."""
    starts: int
    soak: soak.Effort


FULL = Amount(
    None, Effort(9, 120), Effort(3, 240), {"simple": (3, 8), "complex": (2, 30)}, 5, soak.Effort(2000, 1200)
)
QUICK = Amount(2, Effort(1, 10), Effort(1, 20), {"simple": (1, 2), "complex": (1, 4)}, 1, soak.Effort(40, 60))


@dataclass(frozen=True)
class Setting:
    """Everything that a part needs."""

    anchor: Side
    ours: Side
    peers: Path
    images: Sequence[Labelled]
    amount: Amount
    container_start: float | None = None
    """Seconds, measured elsewhere."""
    image_size: float | None = None
    """Megabytes beyond the base, measured elsewhere."""

    def chosen(self, images: Sequence[Labelled]) -> list[Labelled]:
        """As many of a group as are measured."""
        return labelled.spread(images, self.amount.images)

    @property
    def pages(self) -> dict[str, list[Labelled]]:
        """The two groups that are timed."""
        return {
            "simple": self.chosen(labelled.simple(self.images)),
            "complex": self.chosen(labelled.timed_complex(self.images)),
        }

    @property
    def efforts(self) -> dict[str, tuple[list[Labelled], Effort]]:
        """The same with the rounds of each."""
        kinds = {"simple": self.amount.simple, "complex": self.amount.complex}
        return {name: (images, kinds[name]) for name, images in self.pages.items()}


Part = Callable[[Setting], Iterator[Row]]


def latency_rows(setting: Setting) -> Iterator[Row]:
    """Whole requests, one at a time."""
    return latency.measure(setting.anchor, setting.ours, setting.efforts)


def load_rows(setting: Setting) -> Iterator[Row]:
    """Requests a second."""
    groups = {name: (images, setting.amount.windows[name]) for name, images in setting.pages.items()}
    return load.measure(setting.anchor, setting.ours, groups)


def start_rows(setting: Setting) -> Iterator[Row]:
    """From nothing to an answer, and what an image weighs."""
    ready = setting.pages["simple"][0]
    yield from start.measure(
        setting.anchor, setting.ours, ready, setting.amount.starts, setting.container_start
    )
    yield Row("image", "image unpacked, beyond its base", "MB", None, setting.image_size)


def soak_rows(setting: Setting) -> Iterator[Row]:
    """Memory."""
    return soak.measure(setting.ours, setting.images, setting.amount.soak)


def scored(groups: Callable[[Sequence[Labelled]], Iterator[accuracy.Group]]) -> Part:
    """A part that scores groups of images."""

    def rows(setting: Setting) -> Iterator[Row]:
        limit = setting.amount.images
        return accuracy.measure(setting.anchor, setting.ours, list(groups(setting.images)), limit=limit)

    return rows


PARTS: Mapping[str, Part] = {
    "accuracy": scored(accuracy.plain),
    "turned": scored(accuracy.made),
    "scripts": scored(accuracy.scripts),
    "latency": latency_rows,
    "load": load_rows,
    "start": start_rows,
    "soak": soak_rows,
}
PEERS = "peers"
"""The part with a table of its own."""


def beside_peers(setting: Setting, *, ours: bool) -> Iterator[beside.Figures]:
    """Every engine in turn; ``ours``: with ours among them."""
    groups = setting.efforts
    groups["Latin and CJK"] = (setting.chosen(labelled.latin_and_cjk(setting.images)), setting.amount.simple)
    return beside.measure(setting.peers, setting.ours if ours else None, groups)
