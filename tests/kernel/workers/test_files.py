"""Open files travel with a job, so that memory can be shared instead of copied."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from offing.kernel.metrics import Metrics
from offing.kernel.workers.pool import Lane, Pool
from offing.kernel.workers.wire import MOST_FILES
from tests.kernel.probe.processes import children, descriptors, nurseries

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[True, False], ids=["uvloop", "asyncio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Both loops, for they send in ways of their own."""
    return "asyncio", {"use_uvloop": request.param}


@asynccontextmanager
async def working(slots: int = 1) -> AsyncIterator[Pool]:
    pool = Pool(
        "test",
        "tests.kernel.probe.file_work:handle",
        lanes={"lane": Lane(slots, 64, 5, 20)},
        memory=512 << 20,
        metrics=Metrics(),
    )
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def holding(stack: ExitStack, content: bytes) -> int:
    """The descriptor of a file with this content."""
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack is the context
    file.write(content)
    file.flush()
    return file.fileno()


@pytest.mark.parametrize("count", range(MOST_FILES + 1))
async def test_a_worker_gets_the_files_of_its_job_in_their_order(count: int) -> None:
    with ExitStack() as stack:
        files = [holding(stack, b"file %d" % number) for number in range(count)]
        async with working() as pool:
            answer = await pool.run("lane", b"head", b"body", files=files)
    assert answer.split(b"|") == [b"4 4", *(b"file %d" % number for number in range(count))]


@pytest.mark.parametrize(("header", "body"), [(0, 0), (0, 1), (9, 200_000), (9, 5_000_000), (700_000, 0)])
async def test_headers_and_bodies_of_any_size_come_with_them(header: int, body: int) -> None:
    with ExitStack() as stack:
        file = holding(stack, b"here")
        async with working() as pool:
            for _ in range(3):
                answer = await pool.run("lane", bytes(header), bytes(body), files=[file])
                assert answer == b"%d %d|here" % (header, body)


async def test_jobs_with_and_without_files_do_not_mix() -> None:
    with ExitStack() as stack:
        files = [holding(stack, b"%d" % number) for number in range(8)]
        async with working(slots=2) as pool:
            jobs = [
                pool.run("lane", b"", bytes(number), files=files[number : number + 1] if number % 2 else ())
                for number in range(8)
            ]
            answers = await asyncio.gather(*jobs)
    assert answers == [b"0 %d" % number + (b"|%d" % number if number % 2 else b"") for number in range(8)]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them")
async def test_neither_side_keeps_them() -> None:
    with ExitStack() as stack:
        file = holding(stack, b"kept")
        async with working() as pool:
            await pool.run("lane", b"", files=[file])
            (worker,) = children(nurseries(os.getpid())[0])
            before = descriptors(os.getpid()), descriptors(worker)
            for _ in range(20):
                await pool.run("lane", b"", files=[file])
            assert (descriptors(os.getpid()), descriptors(worker)) == before
        assert os.pread(file, 9, 0) == b"kept"
