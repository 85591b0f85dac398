"""What the same work would cost on other platforms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.edge.cost.bill import bill
from offing.edge.cost.elsewhere import Estimate, elsewhere
from offing.edge.cost.prices import CLOUD_RUN, FARGATE, LAMBDA, MODAL, PRICES
from offing.edge.cost.workload import Arrival, Workload
from offing.edge.instance_types import NAMED, InstanceType

SPARSE = Workload(requests=1000, seconds=5)


def estimates(work: Workload, kind: str) -> dict[str, Estimate]:
    """The estimates by platform."""
    return {each.platform: each for each in elsewhere(work, NAMED[kind])}


def test_sparse_work_is_free_on_cloud_run_where_the_idle_tail_is_paid_for_here() -> None:
    assert estimates(SPARSE, "standard-4")[CLOUD_RUN].total == 0
    assert f"{bill(SPARSE, NAMED['standard-4']).total - 5:.2f}" == "18.72"


def test_cloud_run_takes_processors_and_memory_while_a_request_is_in_flight() -> None:
    busy = Workload(arrival=Arrival.HOURS, hours=100, cpu_share=0.2)
    total = estimates(busy, "standard-2")[CLOUD_RUN].total
    # (360,000 - 180,000) vCPU-s and (2,160,000 - 360,000) GiB-s
    assert total == pytest.approx(180_000 * 2.4e-5 + 1_800_000 * 2.5e-6)


def test_lambda_takes_memory_which_brings_the_processor() -> None:
    busy = Workload(arrival=Arrival.HOURS, hours=100)
    assert estimates(busy, "standard-1")[LAMBDA].total == pytest.approx((1_440_000 - 400_000) * 1.66667e-5)
    lite = estimates(Workload(arrival=Arrival.ALWAYS), "lite")[LAMBDA]
    assert lite.lines[0].used == 2_592_000 * 0.25  # 1/16 vCPU comes with less


def test_lambda_has_no_16th_minute_and_no_12_gib() -> None:
    assert estimates(SPARSE, "standard-4")[LAMBDA].total is None
    assert estimates(Workload(requests=1, seconds=901), "basic")[LAMBDA].total is None
    assert estimates(Workload(requests=1, seconds=900), "basic")[LAMBDA].total == 0


def test_fargate_is_paid_all_month_however_little_there_is_to_do() -> None:
    total = estimates(SPARSE, "standard-2")[FARGATE].total
    assert total == pytest.approx(720 * (0.0404784 + 6 * 0.004445))


def test_modal_takes_the_idle_tail_too_and_gives_a_credit() -> None:
    total = estimates(Workload(arrival=Arrival.ALWAYS, requests=0), "standard-4")[MODAL].total
    assert total == pytest.approx(2_592_000 * (0.125 * 1.31e-5 + 12 * 2.22e-6) - 30)
    assert estimates(SPARSE, "standard-1")[MODAL].total == 0


@given(st.integers(0, 100_000), st.floats(0, 20), st.floats(0, 600), st.sampled_from(list(NAMED.values())))
def test_no_estimate_is_negative(requests: int, seconds: float, tail: float, kind: InstanceType) -> None:
    work = Workload(requests=requests, seconds=seconds, sleep_after=tail)
    assert all(each.total is None or each.total >= 0 for each in elsewhere(work, kind))


def test_every_price_says_when_it_was_read_and_stands_in_the_table_once() -> None:
    assert all(len(each.read) == 7 and each.read >= "2026-01" for each in PRICES)
    assert len({(each.platform, each.what) for each in PRICES}) == len(PRICES)
    used = {line.price for each in elsewhere(SPARSE, NAMED["standard-2"]) for line in each.lines}
    assert used <= set(PRICES)
