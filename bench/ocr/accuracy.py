"""What both sides read of the labelled images, scored; one pass, as the same image reads the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from bench.insights.sides import Side, serving
from bench.insights.wire import Connection
from bench.ocr import labelled
from bench.ocr.exchange import FAST, PATH, seen, upload
from bench.ocr.labelled import Labelled
from bench.ocr.rows import Row
from bench.ocr.scoring import character_error_rate, word_f1

Measure = Literal["word-F1", "character error rate"]
AUTOMATIC = "/ocr?lang=auto"
Score = Callable[[Labelled, Sequence[str]], float]
SCORES: dict[Measure, Score] = {
    "word-F1": lambda image, lines: word_f1(image.lines, lines, image.unit),
    "character error rate": lambda image, lines: character_error_rate(image.lines, lines),
}


@dataclass(frozen=True)
class Group:
    """Images that are scored together: the mean over them is the figure."""

    name: str
    """The name of its row."""
    work: str
    images: tuple[Labelled, ...]
    measure: Measure = "word-F1"
    path: str = PATH


def plain(images: Sequence[Labelled]) -> Iterator[Group]:
    """The groups of the images as they are."""
    for name, work, chosen in (
        ("simple", "simple", labelled.simple(images)),
        ("complex", "complex, upright", labelled.timed_complex(images)),
        ("Latin and CJK", "Latin and CJK", labelled.latin_and_cjk(images)),
    ):
        count = f"{work} ({len(chosen)})"
        yield Group(f"word-F1, {name}", f"word-F1, {count}", tuple(chosen))
        yield Group(f"word-F1, {name}, fast", f"word-F1, {count}, `quality=fast`", tuple(chosen), path=FAST)
    every = tuple(labelled.upright_complex(images))
    yield Group("word-F1, every complex", f"word-F1, every upright complex page ({len(every)})", every)


def made(images: Sequence[Labelled]) -> Iterator[Group]:
    """Turned pages, and the order of pages that lie straight or crooked."""
    pages = labelled.ordered_pages(images)
    turned = [each for degrees in labelled.QUARTERS for each in labelled.turned(pages, degrees)]
    turned += [each for each in images if "_rot" in each.name]
    work = f"word-F1, pages turned by 90°, 180°, 270° ({len(turned)})"
    yield Group("word-F1, turned", work, tuple(turned))
    crooked = [each for degrees in labelled.SKEWS for each in labelled.skewed(pages, degrees)]
    work = f"character error rate, ordered pages ({len(pages)}) and the same skewed by 5° and 12° both ways"
    yield Group("character error rate", work, (*pages, *crooked), "character error rate")


def scripts(images: Sequence[Labelled]) -> Iterator[Group]:
    """A group for each language whose script must be found."""
    for name, code in labelled.SCRIPTS.items():
        chosen = tuple(each for each in images if each.name == f"syn_{code}")
        yield Group(f"word-F1, {name}", f"word-F1, {name}, `lang=auto`", chosen, path=AUTOMATIC)
    strips = tuple(each for each in images if each.group == "multi" and not each.name.startswith("syn_"))
    work = f"word-F1, single lines in these scripts ({len(strips)}), `lang=auto`"
    yield Group("word-F1, single lines", work, strips, path=AUTOMATIC)


def measure(anchor: Side, ours: Side, groups: Sequence[Group], *, limit: int | None = None) -> Iterator[Row]:
    """A row for each group; ``limit`` keeps to so many of its images."""
    with ExitStack() as stack:
        first = upload(groups[0].images[0].content)
        connections = [
            stack.enter_context(Connection(stack.enter_context(serving(side, first)).port))
            for side in (anchor, ours)
        ]
        known: dict[str, tuple[str, ...]] = {}
        for group in groups:
            chosen = labelled.spread(group.images, limit)
            theirs = [known.get(each.name) or read(connections[0], each, PATH) for each in chosen]
            known.update(zip((each.name for each in chosen), theirs, strict=True))
            mine = [read(connections[1], each, group.path) for each in chosen]
            yield row(group, chosen, theirs, mine)


def read(connection: Connection, image: Labelled, path: str) -> tuple[str, ...]:
    """The lines that a side reads."""
    return seen(connection.post(upload(image.content, path))).lines


def row(
    group: Group, images: Sequence[Labelled], theirs: Sequence[Sequence[str]], mine: Sequence[Sequence[str]]
) -> Row:
    """The mean score of both sides, and in the detail that of each image."""
    score = SCORES[group.measure]
    pairs = {
        image.name: (round(score(image, one), 4), round(score(image, other), 4))
        for image, one, other in zip(images, theirs, mine, strict=True)
    }
    anchor, ours = (fmean(pair[side] for pair in pairs.values()) for side in (0, 1))
    detail = {"anchor and ours by image": pairs}
    more = group.measure == "word-F1"
    return Row(group.name, group.work, "", anchor, ours, more_is_better=more, detail=detail)
