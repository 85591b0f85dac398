"""One client, one image at a time, the sides taking turns: how long an analysis takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from bench.insights.images import Images, difference, milliseconds, numbers
from bench.insights.rows import TIMES, Row
from bench.insights.sides import Server, Side, serving
from bench.insights.wire import ALL_METRICS, Connection, Upload, upload

WARM_UP = 3
FAST = f"{ALL_METRICS}&precision=fast"


@dataclass(frozen=True)
class Case:
    """One image, sent to both sides."""

    name: str
    work: str
    reference: Upload
    ours: Upload
    rounds: int
    exact: bool = True


@dataclass
class Times:
    """What one side took, in milliseconds, and the numbers it found."""

    server: list[float] = field(default_factory=list)
    request: list[float] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def ask(self, connection: Connection, upload: Upload) -> None:
        """Send one request and keep what came."""
        answer = connection.post(upload)
        found = numbers(answer)
        if self.found and found != self.found:
            raise ValueError(f"the same image gave {self.found} and {found}")
        self.found = found
        self.server.append(milliseconds(answer))
        self.request.append(answer.seconds * 1000)


def cases(images: Images, small: int, large: int) -> Iterator[Case]:
    """The images with the number of rounds for each."""
    gray, colour = upload(images.small_gray), upload(images.small_colour)
    yield Case("small gray", f"536{TIMES}354 gray JPEG", gray, gray, small)
    yield Case("small colour", f"536{TIMES}354 colour JPEG", colour, colour, small)
    for kind, image in (("progressive", images.large_progressive), ("baseline", images.large_baseline)):
        exact, fast = upload(image), upload(image, path=FAST)
        name, work = f"large {kind}", f"5000{TIMES}3330 {kind} JPEG"
        yield Case(name, work, exact, exact, large)
        yield Case(f"{name}, fast", f"{work}, `precision=fast`", exact, fast, large, exact=False)


def measure(reference: Side, ours: Side, images: Images, small: int, large: int) -> Iterator[Row]:
    """Two rows an image: by the server's own clock (the judged one), and the whole HTTP request."""
    ready = upload(images.small_gray)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(side, ready)) for side in (reference, ours)]
        for case in cases(images, small, large):
            yield from compare(case, *servers)


def compare(case: Case, reference: Server, ours: Server) -> Iterator[Row]:
    """Take turns for all rounds of a case."""
    theirs, mine = Times(), Times()
    with Connection(reference.port) as one, Connection(ours.port) as other:
        for _ in range(WARM_UP):
            one.post(case.reference)
            other.post(case.ours)
        turns = [(theirs, one, case.reference), (mine, other, case.ours)]
        for _ in range(case.rounds):
            for times, connection, request in turns:
                times.ask(connection, request)
            turns.reverse()  # so that neither side always follows the other
    apart = difference(theirs.found, mine.found)
    broken = "the numbers differ" if case.exact and theirs.found != mine.found else ""
    for name, work, pair in (
        (case.name, case.work, (theirs.server, mine.server)),
        (f"{case.name}, request", f"{case.work}, whole request", (theirs.request, mine.request)),
    ):
        detail = {
            "rounds": case.rounds,
            "numbers_equal": theirs.found == mine.found,
            "numbers_differ_by": apart,
            "quartiles_reference": quartiles(pair[0]),
            "quartiles_ours": quartiles(pair[1]),
        }
        yield Row(name, work, "ms", median(pair[0]), median(pair[1]), broken=broken, detail=detail)


def quartiles(values: list[float]) -> list[float]:
    """The 25th, 50th and 75th percentile."""
    return [round(each, 2) for each in quantiles(values, n=4, method="inclusive")]
