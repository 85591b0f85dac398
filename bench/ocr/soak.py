"""Memory under many requests of mixed sizes: what the server holds at the end, and whether it still grows.

Engines keep something for each shape that they have seen, so the images differ in size, and none of the
sizes is round.
"""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from PIL import Image

from bench.insights import process_tree
from bench.insights.sides import Server, Side, serving
from bench.insights.wire import Connection, Unanswered, Upload
from bench.ocr.exchange import upload
from bench.ocr.labelled import Labelled
from bench.ocr.rows import Row

CLIENTS = 4
VARIETY = 160
"""How many different images are sent."""
SMALLEST, LARGEST = 0.4, 1.5
"""Factors by which their sides are changed, each side by its own."""
LONGEST = 2400
"""Pixels of the longest side."""
EVERY = 5
"""The memory is looked at after each fifth answer."""
MEGABYTE = 1_000_000
PATIENCE = 120.0


@dataclass(frozen=True)
class Effort:
    """How many requests, and the seconds after which none is sent any more."""

    requests: int
    seconds: float


@dataclass
class Soak:
    """What was seen: the memory of all processes in bytes by the number of answers."""

    resident: list[tuple[int, int]] = field(default_factory=list)
    proportional: int = 0
    """Of all processes at the end, a shared page counted once."""
    answered: int = 0
    refused: int = 0
    seconds: float = 0.0

    def around(self, number: int) -> float:
        """The median memory in bytes over the tenth of all answers that ends at this one."""
        # Where a tenth is less than two looks, over two looks.
        first = number - max(self.answered / 10, 2 * EVERY)
        near = [held for answers, held in self.resident if first < answers <= number]
        return median(near) if near else 0.0

    @property
    def growth(self) -> float:
        """Percent by which the end is above the middle."""
        half = self.around(self.answered // 2)
        return (self.around(self.answered) / half - 1) * 100 if half else 0.0


def mixture(images: Sequence[Labelled], count: int = VARIETY) -> list[bytes]:
    """Images of all kinds in sizes of their own; the same ones in every run."""
    chance = random.Random(20261121)  # noqa: S311  the same images in every run
    made = []
    for place in range(count):
        with Image.open(io.BytesIO(images[place % len(images)].content)) as picture:
            width, height = (round(side * chance.uniform(SMALLEST, LARGEST)) for side in picture.size)
            picture.thumbnail((LONGEST, LONGEST))
            size = (max(32, min(LONGEST, width)), max(32, min(LONGEST, height)))
            file = io.BytesIO()
            picture.convert("RGB").resize(size).save(file, "JPEG", quality=90)
            made.append(file.getvalue())
    chance.shuffle(made)
    return made


def soak(server: Server, uploads: Sequence[Upload], effort: Effort) -> Soak:
    """Send the requests with a few clients."""
    seen, lock = Soak(), threading.Lock()
    start = time.perf_counter()
    places = iter(range(effort.requests))

    def next_upload() -> Upload | None:
        with lock:
            place = next(places, None)
        late = time.perf_counter() - start > effort.seconds
        return None if place is None or late else uploads[place % len(uploads)]

    def answered(status: int) -> None:
        with lock:
            seen.answered += 1
            seen.refused += status != 200  # noqa: PLR2004
            if seen.answered % EVERY == 0:
                held = process_tree.resident(process_tree.tree(server.process.pid))
                seen.resident.append((seen.answered, held))

    threads = [
        threading.Thread(target=client, args=(server.port, next_upload, answered)) for _ in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.proportional = process_tree.proportional(process_tree.tree(server.process.pid))
    seen.seconds = time.perf_counter() - start
    return seen


def client(port: int, next_upload: Callable[[], Upload | None], answered: Callable[[int], None]) -> None:
    """One client: sends what it is given until there is nothing left or nobody answers."""
    with Connection(port) as connection:
        while (prepared := next_upload()) is not None:
            try:
                answered(connection.post(prepared, PATIENCE).status)
            except Unanswered:
                answered(0)
                return


def measure(ours: Side, images: Sequence[Labelled], effort: Effort) -> Iterator[Row]:
    """Three rows for each quality that a server can be set to: the memory at the end, and its growth."""
    uploads = [upload(each) for each in mixture(images)]
    for suffix, quality, told in (("", "accurate", "default quality"), (", fast", "fast", "a `fast` server")):
        side = replace(ours, environ={**ours.environ, "OFFING_OCR_QUALITY": quality})
        with serving(side, uploads[0]) as server:
            seen = soak(server, uploads, effort)
        yield from rows(suffix, told, seen, effort)


def rows(suffix: str, told: str, seen: Soak, effort: Effort) -> Iterator[Row]:
    """The rows of one quality."""
    reasons = [f"{seen.refused} were refused"] if seen.refused else []
    if seen.answered < effort.requests:
        reasons.append(f"only {seen.answered} were sent")
    broken = ", ".join(reasons)
    work = f"{effort.requests} requests of mixed sizes, {told}"
    detail = {"resident bytes by answers": seen.resident, "seconds": round(seen.seconds, 1)}
    yield Row(
        f"resident{suffix}", f"{work}: resident, all processes (RSS)", "MB",
        None, seen.around(seen.answered) / MEGABYTE, broken=broken, detail=detail,
    )  # fmt: skip
    yield Row(
        f"proportional{suffix}", f"{work}: the same, shared pages once (PSS)", "MB",
        None, seen.proportional / MEGABYTE,
    )  # fmt: skip
    yield Row(
        f"growth{suffix}", f"{work}: growth over the last {effort.requests // 2}", "%",
        None, seen.growth, broken=broken,
    )  # fmt: skip
