"""Workers go to those who wait in the order in which they came, whoever else comes by."""

from __future__ import annotations

import asyncio
import socket

import pytest

from offing.kernel.workers.idle import Idle
from offing.kernel.workers.worker import Worker

pytestmark = pytest.mark.anyio


def worker(number: int) -> Worker:
    with socket.socket() as channel:
        return Worker(number, channel)


async def test_who_waits_gets_the_worker_before_who_comes_by() -> None:
    idle, given = Idle(), worker(1)
    waiting = asyncio.create_task(idle.get())
    await asyncio.sleep(0)
    idle.put(given)
    # The one who waits has not woken up yet; a queue would give it to the next who asks.
    by = asyncio.create_task(idle.get())
    assert await waiting is given
    await asyncio.sleep(0)
    assert not by.done()
    idle.put(given)
    assert await by is given


async def test_those_who_wait_are_served_in_turn() -> None:
    idle, workers = Idle(), [worker(number) for number in range(3)]
    waiting = [asyncio.create_task(idle.get()) for _ in workers]
    await asyncio.sleep(0)
    for each in workers:
        idle.put(each)
    assert [await each for each in waiting] == workers


async def test_the_worker_that_worked_last_is_the_next() -> None:
    idle = Idle()
    for number in range(3):
        idle.put(worker(number))
    assert [(await idle.get()).process_id for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("given", [False, True])
async def test_who_leaves_keeps_no_worker(given: bool) -> None:  # noqa: FBT001  a parameter of the test
    idle, left = Idle(), worker(1)
    leaving, staying = (asyncio.create_task(idle.get()) for _ in range(2))
    await asyncio.sleep(0)
    if given:
        idle.put(left)
    leaving.cancel()
    await asyncio.wait([leaving])
    if not given:
        idle.put(left)
    assert await staying is left


async def test_all_that_wait_can_be_taken_at_once() -> None:
    idle = Idle()
    for number in range(2):
        idle.put(worker(number))
    assert [each.process_id for each in idle.take_all()] == [0, 1]
    assert idle.take_all() == []
