"""A month's bill equals cases that were worked by hand, and behaves as a bill does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.edge.cost.bill import Line, bill
from offing.edge.cost.prices import CPU, DISK, EGRESS, MEMORY, OBJECT_DURATION, PRICES, Price
from offing.edge.cost.workload import MONTH, Arrival, Workload
from offing.edge.instance_types import NAMED, InstanceType

OCR: dict[str, Any] = {"requests": 1000, "seconds": 5}
HIGH: dict[str, Any] = {"arrival": Arrival.ALWAYS, "instances": 3}

WORKED = [
    ("standard-4", OCR, "23.72"),
    ("standard-3", OCR, "17.50"),
    ("standard-4", OCR | {"sleep_after": 60}, "6.77"),
    ("standard-4", OCR | {"arrival": Arrival.BURSTS, "bursts": 20}, "5.29"),
    ("standard-4", OCR | {"arrival": Arrival.ALWAYS}, "86.11"),
    ("basic", {"requests": 3000, "seconds": 0.3}, "9.73"),
    ("standard-1", {"arrival": Arrival.HOURS, "hours": 10}, "5.13"),
    ("standard-2", {"arrival": Arrival.HOURS, "hours": 100}, "17.18"),
    ("standard-2", {"arrival": Arrival.HOURS, "hours": 100, "cpu_share": 0.2}, "11.42"),
    ("standard-3", HIGH | {"egress": {"na-eu": 5000}}, "586.99"),
    ("standard-3", HIGH | {"egress": {"na-eu": 5000}, "cpu_share": 0.2}, "338.15"),
    ("standard-3", HIGH | {"egress": {"elsewhere": 5000}}, "666.99"),
    ("standard-3", HIGH | {"egress": {"oceania": 5000}}, "711.99"),
]
HOURS = [
    ("lite", "0.0028", "0.0045"),
    ("basic", "0.0100", "0.0180"),
    ("standard-1", "0.0380", "0.0360"),
    ("standard-2", "0.0570", "0.0720"),
    ("standard-3", "0.0760", "0.1440"),
    ("standard-4", "0.1130", "0.2880"),
]

kinds = st.sampled_from(list(NAMED.values()))
prices = st.sampled_from(PRICES)
workloads = st.builds(
    Workload,
    requests=st.integers(0, 200_000),
    seconds=st.floats(0, 10),
    start=st.floats(0, 10),
    sleep_after=st.floats(0, 3600),
    arrival=st.sampled_from([Arrival.ISOLATED, Arrival.BURSTS, Arrival.ALWAYS]),
    bursts=st.integers(1, 5000),
    instances=st.integers(1, 5),
    cpu_share=st.floats(0, 1),
    egress=st.dictionaries(st.sampled_from([*EGRESS]), st.floats(0, 1e6)),
)


def used(work: Workload, kind: InstanceType, price: Price) -> float:
    """What a bill says was used at a price."""
    return next(line.used for line in bill(work, kind).lines if line.price is price)


@pytest.mark.parametrize(("kind", "work", "total"), WORKED)
def test_a_bill_is_what_was_worked_by_hand(kind: str, work: dict[str, Any], total: str) -> None:
    assert f"{bill(Workload(**work), NAMED[kind]).total:.2f}" == total


def test_the_lines_of_a_bill_are_what_was_worked_by_hand() -> None:
    work = Workload(**OCR)
    memory, disk = (used(work, NAMED["standard-4"], price) for price in (MEMORY, DISK))
    assert (f"{memory / 3600:.1f}", f"{MEMORY.of(memory):.2f}") == ("2016.7", "17.93")
    assert (f"{disk / 3600:.0f}", f"{DISK.of(disk):.2f}") == ("3361", "0.80")


@pytest.mark.parametrize(("kind", "awake", "cpu"), HOURS)
def test_an_hour_of_each_type_costs_what_the_table_of_types_says(kind: str, awake: str, cpu: str) -> None:
    hour = Workload(arrival=Arrival.HOURS, hours=1)
    price = sum(used(hour, NAMED[kind], each) * each.dollars for each in (MEMORY, DISK))
    assert f"{price:.4f}" == awake
    assert f"{used(hour, NAMED[kind], CPU) * CPU.dollars:.4f}" == cpu


def test_a_line_shows_its_arithmetic() -> None:
    assert Line(MEMORY, 7_260_000).arithmetic == (
        "7,260,000 GiB-s - 90,000 included = 7,170,000 x $0.0000025"
    )
    assert Line(CPU, 2_680.4).arithmetic == "2,680 vCPU-s - 22,500 included"
    assert Line(EGRESS["elsewhere"], 500.5).arithmetic == "500.5 GB - 500 included = 0.5 x $0.04"


@given(prices, st.floats(0, 1))
def test_what_is_included_costs_nothing(price: Price, share: float) -> None:
    assert price.of(share * price.included) == 0


@given(prices, st.floats(0, 1e6))
def test_what_is_not_included_costs_its_price(price: Price, more: float) -> None:
    assert price.of(price.included + more) == pytest.approx(more * price.dollars, abs=1e-6)


@given(workloads, kinds)
def test_no_line_is_negative_and_the_total_is_the_plan_at_least(work: Workload, kind: InstanceType) -> None:
    if work.requests is not None and work.requests * work.seconds > work.instances * MONTH:
        work = replace(work, seconds=0)
    priced = bill(work, kind)
    assert min(line.dollars for line in priced.lines) >= 0
    assert priced.total >= 5


@given(workloads, kinds, st.integers(0, 10_000))
def test_more_requests_never_cost_less(work: Workload, kind: InstanceType, more: int) -> None:
    work = replace(work, seconds=work.seconds / 1000)
    assert work.requests is not None
    larger = replace(work, requests=work.requests + more)
    assert bill(larger, kind).total >= bill(work, kind).total - 1e-9


@given(workloads, kinds, st.floats(0, 3600))
def test_a_longer_idle_tail_never_costs_less_where_starts_cost_nothing(
    work: Workload, kind: InstanceType, longer: float
) -> None:
    work = replace(work, seconds=work.seconds / 1000, start=0)
    later = replace(work, sleep_after=work.sleep_after + longer)
    assert bill(later, kind).total >= bill(work, kind).total - 1e-9


@given(workloads, kinds, st.floats(0, 1))
def test_an_idler_processor_never_costs_more(work: Workload, kind: InstanceType, share: float) -> None:
    work = replace(work, seconds=work.seconds / 1000)
    idler = replace(work, cpu_share=work.cpu_share * share)
    assert bill(idler, kind).total <= bill(work, kind).total + 1e-9


def test_a_month_within_what_is_included_costs_the_plan() -> None:
    assert bill(Workload(arrival=Arrival.HOURS, hours=6.25), NAMED["standard-1"]).total == 5
    assert bill(Workload(requests=0), NAMED["standard-4"]).total == 5


def test_the_objects_of_three_containers_that_never_sleep_are_paid_for() -> None:
    lines = bill(Workload(**HIGH), NAMED["lite"]).lines
    (objects,) = [line for line in lines if line.price is OBJECT_DURATION]
    assert f"{objects.dollars:.2f}" == "7.44"


def test_starts_use_the_processor_too() -> None:
    work = Workload(requests=1000, seconds=1, start=2, sleep_after=0, cpu_share=0.5)
    assert used(work, NAMED["standard-3"], CPU) == (1000 * 0.5 + 2000) * 2
