"""Several threads with one reader: each gets, byte for byte, what it gets alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.ocr import Reader, ReadOptions
from offing.ocr.engine.crew import Left
from offing.ocr.engine.crops import Pixels
from tests.ocr.engine.drawn import page, reader

Asked = tuple[int, ReadOptions]
WORDS = ["keel", "rope", "mast", "sail", "buoy", "pilot", "gull", "tide", "lantern", "current", "harbour"]
SIDES = (320, 480, 640)


def drawn(number: int) -> Pixels:
    """A page of its own for each number: some long, some short, some turned, one empty."""
    words = cycle([*WORDS[number % len(WORDS) :], str(number * 37)])
    each = page(
        *(" ".join(next(words) for _ in range(3)) for _ in range(number % 5)), height=60 * (number % 5 + 1)
    )
    return np.ascontiguousarray(np.rot90(each, number % 3))


PAGES = [drawn(number) for number in range(10)]
_OPTIONS = st.builds(
    ReadOptions,
    quality=st.sampled_from(["accurate", "balanced", "fast"]),
    orientation=st.sampled_from(["auto", "auto", "0", "90", "180", "270"]),
    min_confidence=st.sampled_from([0.0, 0.5, 0.95]),
    side_limit=st.sampled_from(SIDES),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Reader]:
    opened = reader()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def known() -> dict[Asked, bytes]:
    """What is answered alone; the same question twice costs once."""
    return {}


def answer(reader: Reader, asked: Asked) -> bytes:
    number, options = asked
    return msgspec.json.encode(reader.read(PAGES[number], options))


@settings(max_examples=6)
@given(st.lists(st.tuples(st.integers(0, len(PAGES) - 1), _OPTIONS), min_size=3, max_size=8))
def test_answers_given_at_once_equal_those_given_one_by_one(
    shared: Reader, known: dict[Asked, bytes], questions: list[Asked]
) -> None:
    for asked in questions:
        known[asked] = known.get(asked) or answer(shared, asked)
    with ThreadPoolExecutor(4) as callers:
        at_once = list(callers.map(lambda asked: answer(shared, asked), questions * 2))
    assert at_once == [known[asked] for asked in questions] * 2


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_no_answer(shared: Reader, threads: int) -> None:
    other = reader(threads=threads)
    questions = [(number, ReadOptions(quality="fast", side_limit=480)) for number in range(len(PAGES))]
    assert [answer(other, asked) for asked in questions] == [answer(shared, asked) for asked in questions]
    other.close()


def test_a_caller_that_leaves_takes_nothing_from_those_who_stay(shared: Reader) -> None:
    asked = (4, ReadOptions(quality="fast", side_limit=640))
    alone = answer(shared, asked)

    def leaves(_: int) -> str:
        try:
            shared.read(PAGES[4], asked[1], has_left=lambda: True)
        except Left:
            return "left"
        return "stayed"

    with ThreadPoolExecutor(4) as callers:
        leaving = callers.map(leaves, range(8))
        staying = callers.map(lambda _: answer(shared, asked), range(8))
        assert set(leaving) == {"left"}
        assert set(staying) == {alone}
