"""The engine behind workers that can be killed, for files that come from strangers."""

from __future__ import annotations

from typing import Any

import msgspec

from offing.insights.engine.header import read_header
from offing.insights.engine.options import Limits, Options
from offing.insights.engine.outcome import Outcome, encode_job
from offing.insights.problems import KINDS, InvalidImage
from offing.insights.settings import InsightsSettings
from offing.kernel.metrics import Metrics
from offing.kernel.processors import available
from offing.kernel.workers.pool import Lane, Pool
from offing.kernel.workers.problems import WorkerEnded, WorkerOutOfTime

LIGHT, HEAVY = "light", "heavy"
LIGHT_PIXELS, LIGHT_SCANS, LIGHT_SEGMENTS = 1_500_000, 16, 1_000
LIGHT_PROCESSOR_SECONDS = 1.0
WALL_FACTOR = 12
"""Wall time over processor time: a quarter of a processor, shared, takes that long."""

_outcomes = msgspec.msgpack.Decoder(Outcome)


class GuardedEngine:
    """Analyzes images in worker processes; no image blocks another or ends the service."""

    def __init__(self, settings: InsightsSettings, metrics: Metrics) -> None:
        heavy = settings.workers or available()
        self.limits = Limits(
            formats=settings.formats,
            max_pixels=settings.max_pixels,
            max_scans=settings.max_scans,
            threads=min(2, heavy),
        )
        self._limits_beside_others = msgspec.structs.replace(self.limits, threads=1)
        self._large = 0
        seconds = min(LIGHT_PROCESSOR_SECONDS, settings.processor_seconds)
        self._pool = Pool(
            "insights",
            "offing.insights.engine.job:handle",
            lanes={
                LIGHT: Lane(heavy + 1, settings.queue, seconds, seconds * WALL_FACTOR),
                HEAVY: Lane(
                    heavy,
                    settings.queue,
                    settings.processor_seconds,
                    settings.processor_seconds * WALL_FACTOR,
                ),
            },
            memory=settings.worker_memory,
            metrics=metrics,
        )

    async def start(self) -> None:
        """Bring up the workers, each warmed by real calls."""
        await self._pool.start()

    async def stop(self) -> None:
        """End the workers."""
        await self._pool.stop()

    async def analyze(self, data: bytes | bytearray, options: Options) -> Outcome:
        """Analyze one file; the outcome holds a report. Raises InsightsProblem, Overloaded."""
        lane = self._lane(data)
        self._large += lane == HEAVY
        # An image may use the processors that no other large image needs.
        limits = self.limits if self._large == 1 else self._limits_beside_others
        try:
            answer = await self._pool.run(lane, encode_job(options, limits), data)
        except WorkerOutOfTime:
            raise InvalidImage("The image takes too long to decode.") from None
        except WorkerEnded:
            raise InvalidImage("The image cannot be decoded within the limits.") from None
        finally:
            self._large -= lane == HEAVY
        outcome = _outcomes.decode(answer)
        if outcome.problem:
            raise problem_of(outcome.problem, outcome.members)
        return outcome

    def _lane(self, data: bytes | bytearray) -> str:
        """Small images do not wait behind large ones; what only a worker can size counts as large."""
        header = read_header(data, self.limits, most_segments=LIGHT_SEGMENTS)
        light = 0 < header.pixels <= LIGHT_PIXELS and header.scans <= LIGHT_SCANS
        return LIGHT if light else HEAVY


def problem_of(code: str, members: dict[str, Any]) -> Exception:
    """A worker's problem as the exception that it was there."""
    return KINDS[code](**members)
