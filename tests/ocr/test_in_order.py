"""Jobs that run ahead, with results in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Any

import pytest

from offing.ocr.in_order import in_order

pytestmark = pytest.mark.anyio


def jobs(count: int, begun: list[int], ended: list[int]) -> list[Callable[[], Coroutine[Any, Any, int]]]:
    """Jobs that note when they begin and when they end, the earlier ones the slower."""

    def job(number: int) -> Callable[[], Coroutine[Any, Any, int]]:
        async def run() -> int:
            begun.append(number)
            try:
                await asyncio.sleep(0.01 * (count - number))
            finally:
                ended.append(number)
            return number

        return run

    return [job(number) for number in range(count)]


@pytest.mark.parametrize("ahead", [0, 1, 3, 9])
async def test_results_come_in_order_whatever_ends_first(ahead: int) -> None:
    assert [each async for each in in_order(jobs(5, [], []), ahead=ahead)] == [0, 1, 2, 3, 4]


async def test_no_more_than_so_many_run_ahead_of_a_slow_taker() -> None:
    begun: list[int] = []
    async with aclosing(in_order(jobs(9, begun, []), ahead=1)) as results:
        await anext(results)
        await asyncio.sleep(0.3)
        assert begun == [0, 1]
        await anext(results)
        await asyncio.sleep(0.3)
        assert begun == [0, 1, 2]


async def test_closing_it_ends_what_runs() -> None:
    begun: list[int] = []
    ended: list[int] = []
    async with aclosing(in_order(jobs(9, begun, ended), ahead=3)) as results:
        await anext(results)
    assert sorted(begun) == sorted(ended) == [0, 1, 2, 3]


async def test_a_job_that_fails_ends_the_row_and_what_runs() -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def failing() -> int:
        raise ValueError("broken")

    results = in_order([failing, *jobs(5, begun, ended)], ahead=2)
    with pytest.raises(ValueError, match="broken"):
        await anext(results)
    assert sorted(begun) == sorted(ended)


async def test_cancelling_who_waits_ends_what_runs() -> None:
    begun: list[int] = []
    ended: list[int] = []

    async def wait() -> None:
        async with aclosing(in_order(jobs(9, begun, ended), ahead=2)) as results:
            async for _ in results:
                await asyncio.sleep(60)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0.3)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert sorted(begun) == sorted(ended) == [0, 1, 2]
