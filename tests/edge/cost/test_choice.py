"""The same work on every type, and the cheapest that is fast enough."""

from __future__ import annotations

import pytest

from offing.edge.cost.choice import cheapest, offers
from offing.edge.cost.figures import FIGURES, UNKNOWN, Figures
from offing.edge.cost.workload import Arrival, Workload
from offing.edge.instance_types import NAMED
from offing.kernel.service import installed

FOUR_SECONDS = Figures(NAMED["standard-2"], 60, seconds=4, parallelism=4)
ALWAYS = Workload(requests=1000, arrival=Arrival.ALWAYS)


@pytest.mark.parametrize(
    ("goal", "name"), [(64, "lite"), (16, "basic"), (8, "standard-1"), (2.5, "standard-3"), (1, "standard-4")]
)
def test_the_cheapest_is_the_smallest_that_is_fast_enough(goal: float, name: str) -> None:
    best = cheapest(ALWAYS, FOUR_SECONDS, goal)
    assert best is not None
    assert best.kind.name == name
    assert best.seconds <= goal


def test_where_no_type_is_fast_enough_there_is_none() -> None:
    assert cheapest(ALWAYS, FOUR_SECONDS, 0.99) is None


def test_a_request_gains_nothing_from_processors_that_it_can_not_use() -> None:
    seconds = [
        offer.seconds for offer in offers(ALWAYS, Figures(NAMED["basic"], 60, seconds=4, parallelism=2))
    ]
    assert seconds == [64, 16, 8, 4, 2, 2]


def test_a_type_without_the_memory_or_the_time_for_the_work_is_left_out() -> None:
    roomy = Figures(NAMED["basic"], 60, seconds=1, memory=4)
    assert next(offer.kind.name for offer in offers(ALWAYS, roomy)) == "standard-1"
    much = Workload(requests=3_000_000, arrival=Arrival.ALWAYS)
    wide = Figures(NAMED["basic"], 60, seconds=1, parallelism=4)
    assert [offer.kind.name for offer in offers(much, wide)] == ["standard-3", "standard-4"]


def test_of_types_at_one_price_the_faster_is_named() -> None:
    few = Workload(requests=10, arrival=Arrival.BURSTS)
    best = cheapest(few, FOUR_SECONDS, 100)
    assert best is not None
    assert best.kind.name == "standard-4"  # all are within what the plan includes


def test_requests_that_come_alone_wait_for_a_start_as_well() -> None:
    slow = Figures(NAMED["standard-2"], 60, seconds=1, start=1.5)
    assert cheapest(Workload(requests=10), slow, 2) is None
    assert cheapest(Workload(requests=10, arrival=Arrival.BURSTS), slow, 2) is not None


def test_where_the_time_of_a_request_is_not_known_nothing_is_offered() -> None:
    assert list(offers(Workload(arrival=Arrival.ALWAYS), UNKNOWN)) == []


def test_every_installed_service_has_figures_and_a_type_with_the_memory_for_it() -> None:
    assert set(installed()) <= set(FIGURES)
    assert all(each.kind.memory >= each.memory for each in FIGURES.values())
