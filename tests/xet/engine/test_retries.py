"""Trying again: how often, how long, and when not at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.retries import Retries, Retryable
from offing.xet.engine.retry_after import read_date, wait_asked
from offing.xet.problems import RateLimited, UpstreamFailed, UpstreamTimedOut

NOW = 1_800_000_000.0


@dataclass
class Clock:
    """Time that passes only by sleeping."""

    now: float = 100.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """The time now, in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and note how much."""
        self.waits.append(seconds)
        self.now += seconds


def failing(*failures: Exception, then: str = "done") -> Callable[[], Awaitable[str]]:
    left = list(failures)

    async def attempt() -> str:
        if left:
            raise left.pop(0)
        return then

    return attempt


def retries(clock: Clock, seed: int = 1, **settings: float) -> Retries:
    chance = random.Random(seed)  # noqa: S311  it keeps no secret
    return Retries(**settings, random=chance, clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]


def passing(count: int, after: float | None = None) -> list[Retryable]:
    return [Retryable(UpstreamFailed(), after) for _ in range(count)]


def test_what_passes_is_tried_again_until_it_succeeds() -> None:
    clock = Clock()
    assert asyncio.run(retries(clock).run(failing(*passing(4)))) == "done"
    assert len(clock.waits) == 4


def test_the_problem_is_told_after_the_last_try() -> None:
    clock = Clock()
    with pytest.raises(UpstreamFailed):
        asyncio.run(retries(clock).run(failing(*passing(5))))
    assert len(clock.waits) == 4


def test_other_failures_are_not_tried_again() -> None:
    clock = Clock()
    with pytest.raises(KeyError):
        asyncio.run(retries(clock).run(failing(KeyError())))
    assert clock.waits == []


@given(st.integers(0, 2**32), st.integers(2, 100))
def test_each_wait_is_within_a_limit_that_doubles_up_to_the_longest(seed: int, attempts: int) -> None:
    clock = Clock()
    asyncio.run(
        retries(clock, seed, attempts=attempts, first=0.25, longest=10).run(failing(*passing(attempts - 1)))
    )
    assert len(clock.waits) == attempts - 1
    for tried, wait in enumerate(clock.waits):
        assert 0 <= wait <= min(10, 0.25 * 2**tried)


def test_the_waits_are_those_of_the_random_numbers_given_and_spread() -> None:
    def waits(seed: int) -> list[float]:
        clock = Clock()
        asyncio.run(retries(clock, seed).run(failing(*passing(4))))
        return clock.waits

    assert waits(1) == waits(1)
    assert len({waits(seed)[0] for seed in range(20)}) == 20


def test_no_try_comes_sooner_than_asked_for() -> None:
    clock = Clock()
    asyncio.run(retries(clock).run(failing(*passing(3, after=42))))
    assert all(42 <= wait <= 43 for wait in clock.waits)


def test_too_long_a_wait_is_told_at_once() -> None:
    clock = Clock()
    limited = Retryable(RateLimited(headers={"Retry-After": "301"}), 301)
    with pytest.raises(RateLimited) as caught:
        asyncio.run(retries(clock).run(failing(limited)))
    assert clock.waits == []
    assert caught.value.headers == {"Retry-After": "301"}


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    clock = Clock()
    with pytest.raises(UpstreamFailed):
        asyncio.run(retries(clock).run(failing(*passing(1, after=50)), deadline=clock.now + 49))
    assert clock.waits == []


def test_a_try_ends_at_the_deadline() -> None:
    ended: list[str] = []

    async def attempt() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("freed")

    clock = Clock()
    with pytest.raises(UpstreamTimedOut):
        asyncio.run(retries(clock).run(attempt, deadline=clock.now + 0.01))
    assert ended == ["freed"]


def test_a_timeout_of_the_attempt_itself_is_not_taken_for_the_deadline() -> None:
    clock = Clock()
    with pytest.raises(TimeoutError):
        asyncio.run(retries(clock).run(failing(TimeoutError()), deadline=clock.now + 60))


def test_a_cancelled_call_stops_waiting() -> None:
    async def scenario() -> None:
        task = asyncio.create_task(Retries(first=1000, longest=1000).run(failing(*passing(4))))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "999999999999"}, 3600),
        ({"retry-after": "9999999999999"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": formatdate(NOW + 90, usegmt=True)}, 90),
        ({"retry-after": formatdate(NOW - 90, usegmt=True)}, 0),
        ({"retry-after": formatdate(NOW + 90_000, usegmt=True)}, 3600),
        ({"retry-after": "Sunday, 06-Nov-94 08:49:37 GMT"}, 0),
        ({"ratelimit": '"api";r=0;t=55'}, 55),
        ({"ratelimit": '"api";r=12;t=55'}, None),
        ({"ratelimit": '"pages";r=3;t=9, "api"; t=55; r=0'}, 55),
        ({"ratelimit": '"api";r=0;t=99999999'}, 3600),
        ({"ratelimit": '"api";r=0'}, None),
        ({"retry-after": "5", "ratelimit": '"api";r=0;t=55'}, 5),
    ],
)
def test_an_answer_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(headers, NOW) == seconds


def test_a_date_is_compared_with_the_date_of_the_answer() -> None:
    wrong_by_a_day = formatdate(NOW - 86_400, usegmt=True)
    until = formatdate(NOW - 86_400 + 30, usegmt=True)
    assert wait_asked({"retry-after": until, "date": wrong_by_a_day}, NOW) == 30


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_asked_the_wait_is_bounded(after: str, date: str, limit: str) -> None:
    seconds = wait_asked({"retry-after": after, "date": date, "ratelimit": limit}, NOW)
    assert seconds is None or 0 <= seconds <= 3600


@given(st.integers(0, 4_000_000_000))
def test_a_date_is_read_as_it_was_written(seconds: int) -> None:
    assert read_date(formatdate(seconds, usegmt=True)) == seconds


@given(st.text(st.sampled_from("0123456789 ,:-+GMTSunNov"), max_size=60))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    assert isinstance(read_date(text), float | None)
