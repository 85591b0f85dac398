"""What each service was measured to need, and what it is given where no configuration says otherwise.

From `bench/results/`: the times of the container on a bounded share of a processor, and the memory at its
peak. What was not measured is None and has to be given.
"""

from __future__ import annotations

from dataclasses import dataclass

from offing.edge.instance_types import NAMED, InstanceType


@dataclass(frozen=True)
class Figures:
    """One service's needs."""

    kind: InstanceType
    sleep_after: float
    """Seconds."""
    work: str = ""
    """What the seconds are of."""
    seconds: float | None = None
    """Processor time of one request: what it takes on one vCPU."""
    parallelism: float = 1
    """So many vCPU one request can use at once."""
    start: float = 0.0
    """Processor time from the container's start until it works; one vCPU at most is used."""
    memory: float = 0.0
    """GiB that it needs."""

    def seconds_on(self, kind: InstanceType) -> float | None:
        """What a request takes on a type, if each further vCPU helps as much as the first."""
        return None if self.seconds is None else self.seconds / min(kind.vcpu, self.parallelism)

    def start_on(self, kind: InstanceType) -> float:
        """What a start takes on a type."""
        return self.start / min(kind.vcpu, 1)


FIGURES = {
    "insights": Figures(
        kind=NAMED["basic"],
        sleep_after=60,
        work="a JPEG of 5000 x 3330 pixels, all metrics",
        seconds=0.254,
        start=0.335,
        memory=0.5,
    ),
    "ocr": Figures(
        kind=NAMED["standard-2"],
        sleep_after=30,
        work="a dense page, default quality",
        seconds=0.88,
        parallelism=2,
        start=1.8,
        memory=2,
    ),
    "xet": Figures(
        kind=NAMED["standard-1"],
        sleep_after=300,
        work="a file of 1 GB from the hub, as fast as the processor allows",
        seconds=2.42,
        start=0.37,
        memory=1,
    ),
}
UNKNOWN = Figures(kind=NAMED["standard-1"], sleep_after=600)
"""Of a service that was never measured; it sleeps when the platform's library sends it to sleep."""
