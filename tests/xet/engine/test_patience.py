"""Waits that follow each other are each ended in time, and nobody else's cancelling is swallowed."""

from __future__ import annotations

import asyncio
import time

import pytest

from offing.xet.engine.patience import Patience
from offing.xet.problems import UpstreamTimedOut


async def value(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "here"


def test_a_wait_that_lasts_too_long_is_ended_and_the_task_goes_on() -> None:
    async def task() -> None:
        patience = Patience(0.05)
        began = time.monotonic()
        with pytest.raises(UpstreamTimedOut):
            await patience.wait(value(30))
        assert 0.05 <= time.monotonic() - began < 10
        current = asyncio.current_task()
        assert current
        assert not current.cancelling()
        assert await patience.wait(value(0.01)) == "here"
        patience.end()

    asyncio.run(task())


def test_many_short_waits_are_no_long_one() -> None:
    async def task() -> None:
        patience = Patience(0.2)
        for _ in range(30):
            assert await patience.wait(value(0.01)) == "here"
        await asyncio.sleep(0.3)  # nobody waits for anything meanwhile
        assert await patience.wait(value(0.01)) == "here"
        with pytest.raises(UpstreamTimedOut):
            await patience.wait(value(30))
        patience.end()

    asyncio.run(task())


def test_what_is_waited_for_fails_as_it_does() -> None:
    async def fail() -> None:
        raise TimeoutError("its own")

    async def task() -> None:
        patience = Patience(30)
        with pytest.raises(TimeoutError, match="its own"):
            await patience.wait(fail())
        patience.end()

    asyncio.run(task())


@pytest.mark.parametrize("late", [False, True])
def test_whoever_cancels_the_task_is_heard(*, late: bool) -> None:
    async def main() -> None:
        async def task() -> None:
            patience = Patience(0.05)
            try:
                await patience.wait(value(30))
            finally:
                patience.end()

        running = asyncio.create_task(task())
        await asyncio.sleep(0)
        if late:  # in the same turn of the event loop as the end of patience
            asyncio.get_running_loop().call_later(0.05, running.cancel)
        else:
            running.cancel()
        done, _ = await asyncio.wait([running], timeout=10)
        assert done
        assert running.cancelled() or (late and isinstance(running.exception(), UpstreamTimedOut))

    asyncio.run(main())


def test_no_timer_is_left() -> None:
    async def task() -> None:
        patience = Patience(3600)
        await patience.wait(value(0))
        patience.end()
        loop = asyncio.get_running_loop()
        assert all(timer.cancelled() for timer in loop._scheduled)  # type: ignore[attr-defined]  # noqa: SLF001

    asyncio.run(task())
