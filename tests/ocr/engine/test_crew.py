"""The crew: every item once, in order, fairly, and never a thread that waits for ever."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.crew import Crew, Left

LONG = 20.0
"""Seconds after which something is said to hang."""


@pytest.fixture(params=[1, 2, 5])
def crew(request: pytest.FixtureRequest) -> Iterator[Crew]:
    made = Crew(request.param)
    yield made
    made.close()


class Gate:
    """Work that begins and then waits until it is let through."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, item: int) -> int:
        """Give the item back once the gate is open."""
        self.begun.set()
        assert self.open.wait(LONG)
        return item


@given(st.lists(st.lists(st.integers(), max_size=30), max_size=6), st.integers(1, 4))
def test_every_item_of_every_round_is_done_once_and_results_keep_their_order(
    rounds: list[list[int]], size: int
) -> None:
    crew = Crew(size)
    done: list[tuple[int, int]] = []  # appending is atomic

    def work(item: tuple[int, int, int]) -> int:
        number, place, value = item
        done.append((number, place))
        return value * 2

    tagged = [
        [(number, place, value) for place, value in enumerate(each)] for number, each in enumerate(rounds)
    ]
    with ThreadPoolExecutor(max(1, len(rounds))) as pages:
        answers = list(pages.map(lambda items: crew.map(work, items), tagged))
    crew.close()
    assert answers == [[value * 2 for value in each] for each in rounds]
    assert sorted(done) == [
        (number, place) for number, each in enumerate(rounds) for place in range(len(each))
    ]


def test_a_short_page_does_not_wait_for_the_end_of_a_long_one() -> None:
    crew, gate = Crew(1), Gate()
    order: list[str] = []

    def work(name: str) -> None:
        if name == "gate":
            gate(0)
        order.append(name)

    with ThreadPoolExecutor(3) as pages:
        opened = pages.submit(crew.map, work, ["gate"])
        assert gate.begun.wait(LONG)
        long = pages.submit(crew.map, work, ["long"] * 50)
        while len(crew._rounds) < 1:  # noqa: SLF001  the long page stands in the row first
            pass
        short = pages.submit(crew.map, work, ["short"] * 3)
        while len(crew._rounds) < 2:  # noqa: SLF001
            pass
        gate.open.set()
        for each in (opened, long, short):
            each.result(LONG)
    crew.close()
    assert order[1:7] == ["long", "short"] * 3


def test_as_many_items_run_at_once_as_there_are_threads_and_no_more(crew: Crew) -> None:
    running, most, lock = 0, 0, threading.Lock()
    together = threading.Barrier(crew.size)

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(LONG)  # passes only once every thread works
        with lock:
            running -= 1

    crew.map(work, range(crew.size * 4))
    assert most == crew.size


def test_the_error_of_an_item_is_raised_where_the_page_waits(crew: Crew) -> None:
    def work(item: int) -> int:
        if item == 3:
            raise LookupError("item 3")
        return item

    with pytest.raises(LookupError, match="item 3"):
        crew.map(work, range(100))
    assert crew.map(work, [4, 5]) == [4, 5]


def test_after_an_error_no_further_item_is_handed_out() -> None:
    crew = Crew(1)
    done: list[int] = []

    def work(item: int) -> None:
        done.append(item)
        raise ValueError("the first item")

    with pytest.raises(ValueError, match="first"):
        crew.map(work, range(1000))
    crew.close()
    assert done == [0]


def test_a_page_that_nobody_waits_for_any_more_ends_soon() -> None:
    crew = Crew(2)
    done: list[int] = []
    with pytest.raises(Left):
        crew.map(done.append, range(1000), lambda: len(done) >= 5)
    crew.close()
    assert 5 <= len(done) < 8


def test_nothing_to_do_is_done_at_once(crew: Crew) -> None:
    assert crew.map(lambda item: item, []) == []


def test_closing_ends_the_pages_that_wait_and_lets_what_runs_finish() -> None:
    crew, gate = Crew(1), Gate()
    with ThreadPoolExecutor(4) as pages:
        running = pages.submit(crew.map, gate, [1])
        assert gate.begun.wait(LONG)
        waiting = pages.submit(crew.map, gate, [2, 3])
        while not crew._rounds:  # noqa: SLF001  until it stands in the row
            pass
        closing = pages.submit(crew.close)
        with pytest.raises(Left):
            waiting.result(LONG)
        gate.open.set()
        closing.result(LONG)
        assert running.result(LONG) == [1]


def test_a_page_cut_off_half_way_by_the_end_hears_of_it() -> None:
    crew, gate = Crew(1), Gate()
    with ThreadPoolExecutor(2) as pages:
        half = pages.submit(crew.map, gate, [1, 2])
        assert gate.begun.wait(LONG)
        closing = pages.submit(crew.close)
        while crew._rounds:  # noqa: SLF001  until the second item is taken off the row
            pass
        gate.open.set()
        closing.result(LONG)
        with pytest.raises(Left):
            half.result(LONG)


def test_a_closed_crew_takes_no_page_and_may_be_closed_again() -> None:
    crew = Crew(2)
    crew.close()
    crew.close()
    with pytest.raises(Left):
        crew.map(lambda item: item, [1])


def test_a_crew_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Crew(0)


def test_an_idle_crew_holds_on_to_no_page(crew: Crew) -> None:
    class Pixels:
        pass

    pixels = [Pixels() for _ in range(20)]
    gone = [weakref.ref(each) for each in pixels]
    crew.map(id, pixels)
    del pixels
    # A thread that is about to wait may still stand before its last statement.
    crew.map(id, [0] * 50)
    for _ in range(1000):
        gc.collect()
        if not any(each() for each in gone):
            return
    pytest.fail("a thread keeps what it worked on")
