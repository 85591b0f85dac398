"""The engine behind workers: nothing a client sends blocks another, takes more than its share, or ends it."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest

from offing.insights import Options, analyze
from offing.insights.engine.names import ALL_METRICS
from offing.insights.guarded import GuardedEngine
from offing.insights.problems import (
    DecoderMissing,
    InsightsProblem,
    InvalidImage,
    TooManyPixels,
    UnsupportedType,
)
from offing.insights.settings import InsightsSettings
from offing.kernel.metrics import Metrics
from offing.kernel.problems import Overloaded
from tests.hostile import corpus, truncations
from tests.hostile.impostors import GIF_BOMB
from tests.hostile.upload import JPEG, LARGEST, PNG, Upload
from tests.insights.images import saved
from tests.insights.photographs import photograph
from tests.insights.test_formats import HEIC
from tests.kernel.probe.processes import children

pytestmark = pytest.mark.anyio
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them")

MEMORY = 320 * 1024 * 1024
LEAST_MEMORY = 96 * 1024 * 1024
ENOUGH = 200
"""Small images that have to be answered while hostile ones are."""
HOSTILE_SECONDS, SMALL_SECONDS, PATIENCE = 10.0, 1.5, 30.0
"""What a hostile file and 99 of 100 small ones may take; how long a test waits for what must come.

On a machine of their own it is 3 and 0.5, which the benchmark shows; tests share theirs.
"""
EVERYTHING = Options(metrics=ALL_METRICS, edge_mode="all")
JOBS_AT_ONCE = 3


@asynccontextmanager
async def started(metrics: Metrics | None = None, **settings: Any) -> AsyncIterator[GuardedEngine]:
    engine = GuardedEngine(
        InsightsSettings(**{"workers": 2, "worker_memory": MEMORY} | settings), metrics or Metrics()
    )
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


def small(number: int) -> bytes:
    """A picture for each number."""
    return saved(photograph(f"small {number}", (160, 90)), "JPEG")


def large() -> bytes:
    """Much more than a tenth of a second of work."""
    return saved(photograph("large", (4200, 2800)), "JPEG", progressive=True)


async def status_of(engine: GuardedEngine, data: bytes, options: Options = EVERYTHING) -> int:
    try:
        outcome = await engine.analyze(data, options)
    except InsightsProblem as problem:
        return problem.status
    assert msgspec.json.decode(outcome.report)["width"] > 0
    return 200


def workers() -> set[int]:
    """The workers of this process: children of the nurseries that it started."""
    found = children(os.getpid())
    nurseries = [each for each in found if b"nursery" in Path(f"/proc/{each}/cmdline").read_bytes()]
    return {worker for nursery in nurseries for worker in children(nursery)}


def private_bytes(process: int) -> int:
    """The memory that a limit of private data counts (RLIMIT_DATA)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmData:"))
    return int(kilobytes) * 1024


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


async def one_replaced(before: set[int]) -> None:
    """Return once one of the workers before, and no other, has another in its place."""
    await until(lambda: len(before & workers()) == len(before) - 1 and len(workers()) == len(before))


def for_the_engine(uploads: Sequence[Upload]) -> list[tuple[Upload, bytes]]:
    """Those that the checks before the engine let through, with their bytes."""
    made = ((upload, upload.make()) for upload in uploads if upload.content_type in {JPEG, PNG})
    return [(upload, data) for upload, data in made if 0 < len(data) <= LARGEST]


@on_linux
async def test_hostile_files_are_answered_rightly_and_soon_while_small_images_go_on() -> None:
    hostile = for_the_engine(list(corpus.uploads()))
    waits: list[float] = []
    done = asyncio.Event()
    async with started() as engine:

        async def send_small_images() -> None:
            while not done.is_set():
                data = small(len(waits))
                began = time.perf_counter()
                assert await status_of(engine, data) == 200
                waits.append(time.perf_counter() - began)
                await asyncio.sleep(0.01)

        async def send(turn: int) -> None:
            # A fast machine is through with them before enough small ones have been sent.
            while len(waits) <= ENOUGH:
                for upload, data in hostile[turn::JOBS_AT_ONCE]:
                    began = time.perf_counter()
                    assert await status_of(engine, data) in upload.right, upload.name
                    assert time.perf_counter() - began < HOSTILE_SECONDS, upload.name

        stream = asyncio.create_task(send_small_images())
        await asyncio.gather(*map(send, range(JOBS_AT_ONCE)))
        done.set()
        await stream
        await until(lambda: len(workers()) == 3)
        assert all(private_bytes(worker) <= MEMORY for worker in workers())
    assert len(waits) > ENOUGH
    assert sorted(waits)[len(waits) * 99 // 100] < SMALL_SECONDS


async def test_a_file_cut_off_after_any_byte_is_answered_rightly() -> None:
    cut = for_the_engine([*truncations.of_png(), *truncations.of_jpeg()])
    async with started() as engine:
        found = await asyncio.gather(*(status_of(engine, data) for _, data in cut[:60]))
        found += [await status_of(engine, data) for _, data in cut[60:]]
    wrong = [
        upload.name for (upload, _), status in zip(cut, found, strict=True) if status not in upload.right
    ]
    assert not wrong


@on_linux
async def test_an_image_past_the_processor_limit_is_400_and_its_worker_is_replaced() -> None:
    metrics = Metrics()
    async with started(metrics, workers=1, processor_seconds=0.05) as engine:
        before = workers()
        with pytest.raises(InvalidImage) as caught:
            await engine.analyze(large(), EVERYTHING)
        assert caught.value.members == {"details": "The image takes too long to decode."}
        await one_replaced(before)
        assert await status_of(engine, small(1), Options()) == 200
    labels = {"engine": "insights", "reason": "processor-time"}
    assert metrics.registry.get_sample_value("offing_workers_ended_total", labels) == 1


async def test_an_image_past_the_memory_limit_is_400_and_the_next_one_is_answered() -> None:
    async with started(workers=1, worker_memory=LEAST_MEMORY) as engine:
        with pytest.raises(InvalidImage) as caught:
            await engine.analyze(saved(photograph("wide", (6000, 4200)), "JPEG"), Options())
        assert "memory" in caught.value.members["details"] or "limits" in caught.value.members["details"]
        assert await status_of(engine, small(1)) == 200


@on_linux
async def test_a_cancelled_call_ends_its_work_and_frees_its_place() -> None:
    async with started(workers=1, queue=0) as engine:
        before = workers()
        call = asyncio.create_task(engine.analyze(large(), EVERYTHING))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await one_replaced(before)
        assert await status_of(engine, large()) == 200


async def test_small_images_do_not_wait_behind_large_ones() -> None:
    async with started(workers=1) as engine:
        data = large()
        jobs = [asyncio.create_task(engine.analyze(data, Options())) for _ in range(6)]
        await asyncio.sleep(0.02)
        assert await status_of(engine, small(1)) == 200
        assert not any(job.done() for job in jobs[2:])
        await asyncio.gather(*jobs)


async def test_what_the_queue_cannot_hold_is_503_with_a_time_to_come_back() -> None:
    async with started(workers=1, queue=2) as engine:
        data = large()
        jobs = [asyncio.create_task(engine.analyze(data, Options())) for _ in range(5)]
        done = await asyncio.gather(*jobs, return_exceptions=True)
        turned_away = [each for each in done if isinstance(each, Overloaded)]
        assert len(turned_away) == 2
        assert all(int(each.headers["Retry-After"]) >= 1 for each in turned_away)


async def test_results_of_many_calls_at_once_are_those_of_single_calls() -> None:
    files = [small(number) for number in range(30)]
    asked = [
        Options(metrics=ALL_METRICS, edge_mode="left_right"),
        Options(metrics=("median", "palette"), precision="fast", orientation="exif"),
        Options(metrics=("histogram",), edge_mode="all", alpha="checker"),
    ]
    jobs = list(itertools.product(files, asked))
    async with started(queue=len(jobs)) as engine:
        outcomes = await asyncio.gather(*(engine.analyze(data, options) for data, options in jobs))
    for (data, options), outcome in zip(jobs, outcomes, strict=True):
        assert outcome.report == msgspec.json.encode(analyze(data, options))
        assert outcome.milliseconds > 0


async def test_what_a_header_tells_is_refused_without_a_worker() -> None:
    engine = GuardedEngine(InsightsSettings(max_pixels=100), Metrics())  # never started
    with pytest.raises(TooManyPixels):
        await engine.analyze(small(1), Options())
    with pytest.raises(UnsupportedType):
        await engine.analyze(b"GIF89a" + bytes(20), Options())
    with pytest.raises(InvalidImage):
        await engine.analyze(b"nothing", Options())


async def test_a_problem_comes_out_of_a_worker_as_it_was_there() -> None:
    whole = large()
    async with started(formats=("JPEG", "GIF"), max_pixels=20_000_000, workers=1) as engine:
        with pytest.raises(InvalidImage) as broken:
            await engine.analyze(whole[: len(whole) // 2], Options())
        assert broken.value.members == {"details": "The file is broken or ends early."}
        with pytest.raises(TooManyPixels) as huge:
            await engine.analyze(GIF_BOMB, Options())
        assert huge.value.members == {"max_pixels": 20_000_000, "received_pixels": 65535 * 65535}


@pytest.mark.skipif(find_spec("pi_heif") is not None, reason="HEIF's decoder is installed")
async def test_a_format_whose_decoder_is_missing_is_415() -> None:
    async with started(formats=("HEIF",), workers=1) as engine:
        with pytest.raises(DecoderMissing) as caught:
            await engine.analyze(HEIC, Options())
    assert caught.value.status == 415
