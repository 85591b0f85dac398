"""Workers end badly in every way there is, and the pool goes on."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from offing.kernel.metrics import Metrics
from offing.kernel.workers import pool as pools
from offing.kernel.workers.pool import Lane, Pool
from offing.kernel.workers.problems import NurseryFailed, WorkerEnded, WorkerOutOfTime
from tests.kernel.probe.processes import alive, children, descriptors, eventually, nurseries, zombies
from tests.kernel.probe.running import WORK, Probe, job

pytestmark = pytest.mark.anyio
MEGABYTE = 1 << 20
PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop that the server runs on."""
    return "asyncio", {"use_uvloop": True}


@contextlib.asynccontextmanager
async def working(
    target: str = WORK,
    *,
    slots: int = 2,
    processor: float = 0.3,
    wall: float = 5,
    memory: int = 512 * MEGABYTE,
) -> AsyncIterator[Pool]:
    """A pool with one lane."""
    pool = Pool(
        "test", target, lanes={"lane": Lane(slots, 8, processor, wall)}, memory=memory, metrics=Metrics()
    )
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()


async def do(pool: Pool, what: str, **asked: Any) -> Any:
    """One job; its answer."""
    return msgspec.json.decode(await pool.run("lane", b"", job(what, **asked)))


async def process_of(pool: Pool) -> int:
    """The worker that does the next job."""
    return int((await do(pool, "nothing"))["process"])


async def kill(process: int) -> None:
    """Kill a process and wait until it is dead."""
    os.kill(process, signal.SIGKILL)
    await asyncio.to_thread(eventually, lambda: not alive(process), 2)


async def test_a_job_is_answered_by_a_process_of_its_own() -> None:
    async with working(slots=1) as pool:
        first, second = await process_of(pool), await process_of(pool)
    assert first == second != os.getpid()


async def test_bodies_of_any_size_come_and_go_whole() -> None:
    async with working("tests.kernel.probe.echo_work:handle", slots=1) as pool:
        for size in (0, 1, 65_535, 65_536, 5 * MEGABYTE):
            body = os.urandom(size)
            assert await pool.run("lane", b"head", body) == b"head" + body


async def test_jobs_run_beside_each_other() -> None:
    async with working(slots=2) as pool:
        answers = await asyncio.gather(*(do(pool, "sleep", seconds=0.2) for _ in range(2)))
    assert len({answer["process"] for answer in answers}) == 2


@pytest.mark.parametrize("end", ["segfault", "abort", "fail", "leave"])
async def test_a_worker_that_ends_is_told_and_replaced(end: str) -> None:
    async with working(slots=1) as pool:
        before = await process_of(pool)
        with pytest.raises(WorkerEnded) as caught:
            await do(pool, end)
        assert type(caught.value) is WorkerEnded
        assert await process_of(pool) != before
        assert not alive(before)
        assert zombies(os.getpid()) == []


async def test_processor_time_is_limited_also_in_native_code() -> None:
    async with working(slots=1, processor=0.2) as pool:
        with pytest.raises(WorkerOutOfTime):
            await do(pool, "burn", seconds=20)
        with pytest.raises(WorkerOutOfTime):
            await do(pool, "burn_native", seconds=20)
        await do(pool, "nothing")


async def test_each_job_has_its_own_processor_time() -> None:
    async with working(slots=1, processor=0.4) as pool:
        processes = {(await do(pool, "burn", seconds=0.15))["process"] for _ in range(6)}
    assert len(processes) == 1


async def test_sleep_is_no_processor_time_and_is_limited_by_the_clock() -> None:
    async with working(slots=1, processor=0.1, wall=0.5) as pool:
        before = (await do(pool, "sleep", seconds=0.2))["process"]
        with pytest.raises(WorkerOutOfTime):
            await do(pool, "sleep", seconds=20)
        assert await process_of(pool) != before
        assert not alive(before)


async def test_memory_beyond_the_limit_is_a_memory_error_in_the_worker() -> None:
    async with working(slots=1, memory=128 * MEGABYTE) as pool:
        given = await do(pool, "allocate", bytes=16 * MEGABYTE)
        refused = await do(pool, "allocate", bytes=512 * MEGABYTE)
        assert given["result"] == f"{16 * MEGABYTE} bytes"
        assert refused == {"process": given["process"], "result": "MemoryError"}


async def test_memory_that_nobody_catches_ends_the_worker_only() -> None:
    async with working(slots=1, memory=128 * MEGABYTE) as pool:
        with pytest.raises(WorkerEnded):
            await pool.run("lane", b"", bytes(400 * MEGABYTE))
        await do(pool, "nothing")


async def test_a_worker_leaves_no_file_and_no_core_behind() -> None:
    async with working(slots=1) as pool:
        assert (await do(pool, "write"))["result"] == "OSError"


async def test_a_worker_sees_no_secret_and_none_of_the_servers_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OFFING_API_KEYS", "sha256:" + "0" * 64)
    monkeypatch.setenv("CLOUD_TOKEN", "secret")
    reading, writing = os.pipe()
    try:
        async with working(slots=2) as pool:
            seen = (await do(pool, "surroundings"))["result"]
    finally:
        os.close(reading)
        os.close(writing)
    assert not {"OFFING_API_KEYS", "CLOUD_TOKEN"} & set(seen["environment"])
    assert [name for name in seen["descriptors"] if name.startswith("pipe")] == []
    assert len([name for name in seen["descriptors"] if name.startswith("socket")]) == 1
    assert seen["server modules"] == []


async def test_what_a_worker_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    async with working(slots=1) as pool:
        await do(pool, "chatter")
        with pytest.raises(WorkerEnded):
            await do(pool, "abort")
    assert capfd.readouterr() == ("", "")


async def test_a_worker_killed_while_idle_fails_nobody() -> None:
    async with working(slots=2) as pool:
        victims = {(await do(pool, "nothing"))["process"] for _ in range(3)}
        for victim in victims:
            await kill(victim)
        for _ in range(4):
            assert await process_of(pool) not in victims


async def test_a_worker_killed_at_work_fails_its_job_only() -> None:
    async with working(slots=2) as pool:
        victim = await process_of(pool)
        jobs = [asyncio.create_task(do(pool, "sleep", seconds=0.4)) for _ in range(2)]
        await asyncio.sleep(0.1)
        os.kill(victim, signal.SIGKILL)
        results = await asyncio.gather(*jobs, return_exceptions=True)
        assert [type(result) for result in results if not isinstance(result, dict)] == [WorkerEnded]
        assert victim not in {(await do(pool, "nothing"))["process"] for _ in range(3)}


async def test_a_killed_nursery_takes_its_workers_along_and_is_replaced() -> None:
    async with working(slots=2) as pool:
        (nursery,) = nurseries(os.getpid())
        workers = children(nursery)
        await kill(nursery)
        await asyncio.to_thread(eventually, lambda: not any(map(alive, workers)), 2)
        answers = await asyncio.gather(*(do(pool, "nothing") for _ in range(6)))
        assert {answer["process"] for answer in answers} & set(workers) == set()
        assert len(nurseries(os.getpid())) == 1
        assert zombies(os.getpid()) == []


async def test_as_process_1_the_pool_reaps_what_a_killed_nursery_leaves() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        async with working(slots=2) as pool:
            (nursery,) = nurseries(os.getpid())
            await kill(nursery)
            await do(pool, "nothing")
            assert len(nurseries(os.getpid())) == 1
            assert zombies(os.getpid()) == []
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


async def test_a_system_without_processes_for_a_moment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "REOPEN_PAUSE_SECONDS", 0.05)
    async with working("tests.kernel.probe.poor_work:handle", slots=2) as pool:
        nursery = nurseries(os.getpid())
        with pytest.raises(WorkerEnded):
            await do(pool, "segfault")
        await asyncio.gather(*(do(pool, "nothing") for _ in range(4)))
        assert nurseries(os.getpid()) == nursery


async def test_workers_that_cannot_be_loaded_fail_the_start(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NurseryFailed):
        async with working("tests.kernel.probe.broken_work:handle"):
            pass
    (line,) = capfd.readouterr().err.splitlines()
    logged = msgspec.json.decode(line)
    assert (logged["event"], logged["error"]) == ("workers failed to load", "OSError")


async def test_a_cancelled_job_ends_its_worker() -> None:
    async with working(slots=1) as pool:
        before = await process_of(pool)
        task = asyncio.create_task(do(pool, "sleep", seconds=20))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await process_of(pool) != before
        assert not alive(before)


async def test_nothing_is_left_of_a_stopped_pool() -> None:
    files = descriptors(os.getpid())
    async with working(slots=3) as pool:
        with contextlib.suppress(WorkerEnded):
            await do(pool, "segfault")
        (nursery,) = nurseries(os.getpid())
        processes = [nursery, *children(nursery)]
        assert len(processes) == 4
    assert not any(map(alive, processes))
    assert zombies(os.getpid()) == []
    assert descriptors(os.getpid()) == files


async def test_a_pool_that_is_stopped_at_work_leaves_nothing_either() -> None:
    files = descriptors(os.getpid())
    async with working(slots=2) as pool:
        jobs = [asyncio.create_task(do(pool, "burn", seconds=20)) for _ in range(2)]
        await asyncio.sleep(0.1)
        for task in jobs:
            task.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
    assert nurseries(os.getpid()) == []
    assert descriptors(os.getpid()) == files


def test_a_crash_is_one_answer_500_and_the_service_goes_on(workshop: Probe) -> None:
    answer = workshop.work("segfault")
    assert (answer.status, answer.json["code"]) == (500, "worker-ended")
    assert workshop.work("burn", seconds=30).json["code"] == "worker-out-of-time"
    assert workshop.work("nothing").status == 200
    assert workshop.ask("GET", "/readyz").status == 200
    assert workshop.metric("offing_workers_ended_total", engine="probe", reason="crashed") >= 1
    assert workshop.metric("offing_workers_ended_total", engine="probe", reason="processor-time") >= 1


def test_a_killed_nursery_of_a_server_heals(workshop: Probe) -> None:
    before = workshop.nursery
    os.kill(before, signal.SIGKILL)
    eventually(lambda: not alive(before))
    assert [workshop.work("nothing").status for _ in range(6)] == [200] * 6
    assert workshop.nursery != before
    eventually(lambda: len(workshop.workers) == 3)
    assert zombies(workshop.process.pid) == []
