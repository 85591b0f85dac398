"""The cache: bounded, for a time, and each value computed once however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from offing.kernel.cache import Cache

KEYS = strategies.sampled_from("abc")


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell it."""
        return self.now


def test_a_value_is_kept_for_its_time_and_no_longer() -> None:
    clock = Clock()
    cache: Cache[str] = Cache(entries=2, seconds=10, clock=clock)
    cache.keep("key", "value")
    clock.now = 9.9
    assert cache.find("key") == "value"
    clock.now = 10
    assert cache.find("key") is None
    assert len(cache) == 0


def test_to_use_a_value_does_not_prolong_its_time() -> None:
    clock = Clock()
    cache: Cache[str] = Cache(entries=2, seconds=10, clock=clock)
    cache.keep("key", "value")
    for clock.now in range(10):
        assert cache.find("key") == "value"
    clock.now = 10
    assert cache.find("key") is None


def test_to_keep_a_value_again_begins_its_time_anew() -> None:
    clock = Clock()
    cache: Cache[str] = Cache(entries=2, seconds=10, clock=clock)
    cache.keep("key", "old")
    clock.now = 9
    cache.keep("key", "new")
    clock.now = 15
    assert cache.find("key") == "new"


def test_the_value_used_longest_ago_goes_first() -> None:
    cache: Cache[int] = Cache(entries=3, seconds=10)
    for number in range(3):
        cache.keep(number, number)
    cache.find(0)
    cache.keep(3, 3)
    assert [cache.find(number) for number in range(4)] == [0, None, 2, 3]


@pytest.mark.parametrize(("entries", "seconds"), [(0, 10), (10, 0)])
def test_a_cache_without_room_or_time_keeps_nothing(entries: int, seconds: float) -> None:
    cache: Cache[str] = Cache(entries=entries, seconds=seconds)
    cache.keep("key", "value")
    assert cache.find("key") is None


def counted(result: Callable[[], str]) -> tuple[list[int], Callable[[], Awaitable[str]]]:
    """A computation of some turns of the loop, and a list that grows by each of its starts."""
    starts: list[int] = []

    async def compute() -> str:
        starts.append(len(starts))
        await asyncio.sleep(0.01)
        return result()

    return starts, compute


def fail() -> str:
    raise ValueError("no value")


def test_who_asks_at_once_shares_one_computation() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        starts, compute = counted(lambda: "value")
        answers = await asyncio.gather(*(cache.get("key", compute) for _ in range(10)))
        assert answers == [("value", False)] + [("value", True)] * 9
        assert await cache.get("key", compute) == ("value", True)
        assert starts == [0]

    asyncio.run(scenario())


def test_without_room_they_share_it_too() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=0, seconds=10)
        starts, compute = counted(lambda: "value")
        await asyncio.gather(*(cache.get("key", compute) for _ in range(10)))
        await cache.get("key", compute)
        assert starts == [0, 1]

    asyncio.run(scenario())


def test_other_keys_do_not_wait() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        stuck = asyncio.create_task(cache.get("stuck", lambda: never))
        _, compute = counted(lambda: "value")
        assert await cache.get("key", compute) == ("value", False)
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)

    asyncio.run(scenario())


def test_a_failure_is_told_to_all_and_not_kept() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        starts, compute = counted(fail)
        answers = await asyncio.gather(*(cache.get("key", compute) for _ in range(3)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [ValueError] * 3
        _, better = counted(lambda: "value")
        assert await cache.get("key", better) == ("value", False)
        assert starts == [0]

    asyncio.run(scenario())


@pytest.mark.parametrize("leaver", range(3))
def test_one_who_leaves_does_not_end_what_others_wait_for(leaver: int) -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        starts, compute = counted(lambda: "value")
        tasks = [asyncio.create_task(cache.get("key", compute)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[leaver].cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [
            number == leaver for number in range(3)
        ]
        assert starts == [0]

    asyncio.run(scenario())


def test_the_last_who_leaves_ends_it() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        ended = asyncio.Event()

        async def compute() -> str:
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()
            return "never"

        tasks = [asyncio.create_task(cache.get("key", compute)) for _ in range(3)]
        await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1):
            await ended.wait()

    asyncio.run(scenario())


def test_who_comes_just_after_the_last_has_left_gets_a_value() -> None:
    async def scenario() -> None:
        cache: Cache[str] = Cache(entries=2, seconds=10)
        starts, compute = counted(lambda: "value")
        leaver = asyncio.create_task(cache.get("key", compute))
        await asyncio.sleep(0.001)
        leaver.cancel()
        comer = asyncio.create_task(cache.get("key", compute))
        assert await comer == ("value", False)
        assert starts == [0, 1]

    asyncio.run(scenario())


class CacheMachine(RuleBasedStateMachine):
    """Callers come and leave, computations end well or badly, and time passes, in any order."""

    ENTRIES, SECONDS = 2, 5.0

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.cache: Cache[int] = Cache(entries=self.ENTRIES, seconds=self.SECONDS, clock=self.clock)
        self.running: dict[str, asyncio.Future[int]] = {}
        self.callers: list[tuple[str, asyncio.Task[tuple[int, bool]]]] = []
        self.left: set[asyncio.Task[tuple[int, bool]]] = set()
        self.made: dict[int, float] = {}

    def teardown(self) -> None:
        """End what still runs."""
        for _, task in self.callers:
            task.cancel()
        self.turn()
        self.loop.close()

    def turn(self) -> None:
        """Let every task go as far as it can."""
        for _ in range(10):
            self.loop.run_until_complete(asyncio.sleep(0))

    def come(self, key: str) -> None:
        """One more asks, and has not been heard yet."""

        async def compute() -> int:
            assert key not in self.running or self.running[key].cancelled()
            future = self.running[key] = self.loop.create_future()
            try:
                value: int = await future
                return value
            finally:
                if self.running.get(key) is future:
                    del self.running[key]

        self.callers.append((key, self.loop.create_task(self.cache.get(key, compute))))

    @rule(key=KEYS)
    def ask(self, key: str) -> None:
        """One more asks."""
        self.come(key)
        self.turn()

    @rule(chance=strategies.randoms(use_true_random=False), another_comes=strategies.booleans())
    def leave(self, chance: Random, another_comes: bool) -> None:  # noqa: FBT001  hypothesis draws it
        """One of those who wait leaves, perhaps in the moment in which another comes."""
        waiting = [(key, task) for key, task in self.callers if not task.done()]
        if waiting:
            key, task = chance.choice(waiting)
            self.left.add(task)
            task.cancel()
            if another_comes:
                self.come(key)
            self.turn()

    @rule(key=KEYS)
    def end_well(self, key: str) -> None:
        """A computation gives a value."""
        if key in self.running:
            value = len(self.made)
            self.made[value] = self.clock.now
            self.running[key].set_result(value)
            self.turn()

    @rule(key=KEYS)
    def end_badly(self, key: str) -> None:
        """A computation fails."""
        if key in self.running:
            self.running[key].set_exception(ValueError("no value"))
            self.turn()

    @rule(seconds=strategies.floats(0.5, 6))
    def pass_time(self, seconds: float) -> None:
        """Time passes."""
        self.clock.now += seconds

    @invariant()
    def only_who_left_is_cancelled(self) -> None:
        """Nobody pays for another's leave."""
        for _, task in self.callers:
            if task.done() and task not in self.left:
                assert not task.cancelled()
                assert isinstance(task.exception(), ValueError | None)

    @invariant()
    def who_waits_has_a_computation_and_the_reverse(self) -> None:
        """None is lost, none goes on for nobody."""
        assert {key for key, task in self.callers if not task.done()} == set(self.running)

    @invariant()
    def no_more_is_kept_than_allowed_and_nothing_old_is_given(self) -> None:
        """The bounds hold."""
        assert len(self.cache) <= self.ENTRIES
        for key in "abc":
            value = self.cache.find(key)
            assert value is None or self.clock.now - self.made[value] < self.SECONDS


TestTheCacheInAnyOrder = CacheMachine.TestCase
TestTheCacheInAnyOrder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
