"""How long a month's work keeps containers awake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.edge.cost.workload import MONTH, Arrival, DoesNotFit, Workload


def test_each_isolated_request_has_a_start_and_an_idle_tail_of_its_own() -> None:
    work = Workload(requests=10, seconds=3, start=2, sleep_after=60)
    assert (work.awake, work.working, work.starting, work.starts) == (650, 30, 20, 10)


def test_a_burst_has_one_start_and_one_idle_tail_for_each_instance_that_it_wakes() -> None:
    work = Workload(
        requests=100, seconds=3, start=2, sleep_after=60, arrival=Arrival.BURSTS, bursts=5, instances=3
    )
    assert (work.awake, work.starts) == (300 + 15 * 62, 15)


def test_there_are_no_more_bursts_than_requests() -> None:
    few = Workload(requests=2, sleep_after=60, arrival=Arrival.BURSTS, bursts=5)
    assert few.starts == 2


def test_requests_that_come_so_often_that_nothing_sleeps_keep_one_container_awake_all_month() -> None:
    often = Workload(requests=1_000_000, seconds=1, start=2, sleep_after=600)
    assert often.awake == MONTH
    assert often.starts == MONTH // 603  # more idle tails do not fit into the month
    assert often.starting < often.awake


def test_without_requests_containers_work_as_long_as_they_are_awake() -> None:
    assert Workload(arrival=Arrival.HOURS, hours=2).working == 7200
    assert Workload(arrival=Arrival.ALWAYS, instances=2).working == 2 * MONTH


def test_with_requests_containers_that_are_always_awake_work_on_those_alone() -> None:
    work = Workload(requests=10, seconds=3, start=2, arrival=Arrival.ALWAYS)
    assert (work.awake, work.working, work.starting) == (MONTH, 30, 0)


@pytest.mark.parametrize(
    "work",
    [
        Workload(requests=2_592_001, seconds=1),
        Workload(requests=2_592_001, seconds=1, arrival=Arrival.ALWAYS),
        Workload(requests=3601, seconds=1, arrival=Arrival.HOURS, hours=1),
        Workload(arrival=Arrival.HOURS, hours=721),
    ],
)
def test_more_work_than_time_is_refused_and_more_instances_help(work: Workload) -> None:
    with pytest.raises(DoesNotFit) as refused:
        _ = work.awake
    assert refused.value.exit_code == 2


def test_twice_the_instances_do_twice_the_work() -> None:
    assert Workload(requests=2_592_001, seconds=1, instances=2).awake <= 2 * MONTH


@given(
    st.integers(0, 10**6), st.floats(0, 2), st.floats(0, 60), st.floats(0, 3600), st.sampled_from([*Arrival])
)
def test_containers_are_awake_at_least_as_long_as_they_start_and_work(
    requests: int, seconds: float, start: float, sleep_after: float, arrival: Arrival
) -> None:
    work = Workload(
        requests=requests, seconds=seconds, start=start, sleep_after=sleep_after, arrival=arrival, hours=720
    )
    assert work.working <= work.awake <= max(MONTH, work.working)
