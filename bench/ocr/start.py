"""From the start of the process to the first page read, warm-up of the models included."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.insights.sides import Side
from bench.insights.start import once
from bench.ocr.exchange import upload
from bench.ocr.labelled import Labelled
from bench.ocr.rows import Row


def measure(
    anchor: Side, ours: Side, image: Labelled, rounds: int, in_container: float | None
) -> Iterator[Row]:
    """The median of interleaved starts, after one of each that only fills the page cache.

    ``in_container`` is the figure in seconds for a container with one CPU, measured elsewhere.
    """
    ready = upload(image.content)
    for side in (anchor, ours):
        once(side, ready)
    taken = [(once(anchor, ready), once(ours, ready)) for _ in range(rounds)]
    theirs, mine = zip(*taken, strict=True)
    detail = {"anchor": theirs, "ours": mine}
    yield Row("start", "start to first answer", "s", median(theirs), median(mine), detail=detail)
    yield Row("start in the container", "the same in the container, 1 CPU", "s", None, in_container)
