"""The worker processes that decode documents, and the memory in which they hand over pixels."""

from __future__ import annotations

import msgspec

from offing.kernel.metrics import Metrics
from offing.kernel.processors import available
from offing.kernel.workers.pool import Lane, Pool
from offing.kernel.workers.problems import WorkerEnded, WorkerOutOfTime
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.message import Job, Outcome
from offing.ocr.documents.page_source import PixelArray
from offing.ocr.documents.shared_memory import Canvases
from offing.ocr.problems import DOCUMENT_PROBLEMS, CostlyDocument

LIGHT, HEAVY = "light", "heavy"
LIGHT_PROCESSOR_SECONDS = 1.0
WALL_FACTOR = 12
"""Wall time over processor time: a quarter of a processor, shared, takes that long."""
UNBOUNDED = 1 << 30
TOO_LONG = "The page takes too long to decode."

_encoder, _outcomes = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Outcome)


class Decoding:
    """A pool of workers with a light lane, which has always a worker more, and a heavy one."""

    def __init__(self, limits: DocumentLimits, metrics: Metrics) -> None:
        heavy = limits.workers or available()
        light_seconds = min(LIGHT_PROCESSOR_SECONDS, limits.processor_seconds)
        heavy_seconds = limits.processor_seconds
        self._canvases = Canvases(limits.max_pixels)
        # A document is turned away when it is opened, never in its middle: its pages always find a queue.
        self._pool = Pool(
            "ocr",
            "offing.ocr.documents.job:handle",
            lanes={
                LIGHT: Lane(heavy + 1, UNBOUNDED, light_seconds, light_seconds * WALL_FACTOR),
                HEAVY: Lane(heavy, UNBOUNDED, heavy_seconds, heavy_seconds * WALL_FACTOR),
            },
            memory=limits.worker_memory,
            metrics=metrics,
        )

    async def start(self) -> None:
        """Bring up the workers, each warmed by real calls."""
        await self._pool.start()

    async def stop(self) -> None:
        """End the workers, and let go of the memory that nobody holds."""
        await self._pool.stop()
        self._canvases.close()

    async def do(self, job: Job, upload: int) -> tuple[Outcome, PixelArray | None]:
        """Have a worker do a job on the file with this descriptor.

        Raises CostlyDocument where the worker is ended by its limits, or by itself, and whatever problem
        it finds.
        """
        canvas = self._canvases.take()
        try:
            answer = await self._pool.run(
                LIGHT if job.light else HEAVY, _encoder.encode(job), files=(upload, canvas.file)
            )
            outcome = _checked(_outcomes.decode(answer))
        except BaseException as error:
            canvas.close()  # nobody knows how much of it was filled
            if isinstance(error, WorkerOutOfTime):
                raise CostlyDocument(TOO_LONG) from None
            raise
        if outcome.painted:
            return outcome, self._canvases.pixels(canvas, outcome.width, outcome.height)
        self._canvases.give_back(canvas)
        return outcome, None

    async def do_again(self, job: Job, upload: int) -> tuple[Outcome, PixelArray | None]:
        """As :meth:`do`, with a second worker where the first one dies.

        It may have died of what earlier pages of the document left in it; a fresh one tells.
        """
        try:
            return await self.do(job, upload)
        except WorkerEnded:
            pass
        try:
            return await self.do(job, upload)
        except WorkerEnded:
            raise CostlyDocument from None


def _checked(outcome: Outcome) -> Outcome:
    """The outcome, or its problem as the exception that it was in the worker."""
    if outcome.problem:
        raise DOCUMENT_PROBLEMS[outcome.problem](**outcome.members)
    return outcome
