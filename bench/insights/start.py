"""From the start of the process to the first analysis answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.insights.images import Images
from bench.insights.rows import Row
from bench.insights.sides import Side, first_answer, spawn
from bench.insights.wire import Upload, upload


def once(side: Side, upload: Upload) -> float:
    """Seconds from the spawn to the first 200; the server is ended afterwards."""
    with TemporaryDirectory(prefix="offing-bench-") as folder:
        server = spawn(side, Path(folder, "log"))
        try:
            return first_answer(server, upload)
        finally:
            server.stop()


def measure(
    reference: Side, ours: Side, images: Images, rounds: int, in_container: float | None
) -> Iterator[Row]:
    """The median of interleaved starts, after one of each that only fills the page cache.

    ``in_container`` is the figure in seconds for a container with 0.25 CPU, measured elsewhere.
    """
    ready = upload(images.small_gray)
    for side in (reference, ours):
        once(side, ready)
    taken = [(once(reference, ready), once(ours, ready)) for _ in range(rounds)]
    theirs, mine = zip(*taken, strict=True)
    detail = {"reference": theirs, "ours": mine}
    yield Row("start", "start to first answer", "s", median(theirs), median(mine), detail=detail)
    yield Row(
        "start in the container", "the same in the container, 0.25 CPU, 1 GiB", "s", None, in_container
    )  # fmt: skip
