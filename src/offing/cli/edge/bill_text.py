"""A priced order in words and as JSON, and the table of prices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from offing.edge.cost.bill import Line, number, rate
from offing.edge.cost.prices import PRICES
from offing.edge.cost.workload import Arrival, Workload

if TYPE_CHECKING:
    from offing.cli.edge.order import Order

LABEL = 26
COMPUTE_ONLY = "compute and requests; not what they take for disks and for what is sent to clients"


def as_text(order: Order) -> str:
    """The bill and what it is compared with, for a reader."""
    parts = [_head(order), _bill(order), _tails(order), _types(order), _elsewhere(order), _assumptions(order)]
    return "\n\n".join("\n".join(part) for part in ([*each] for each in parts) if part)


def as_json(order: Order) -> str:
    """The same as one JSON object; money in US dollars, not rounded."""
    best = order.cheapest
    return json.dumps(
        {
            "type": _type(order.kind),
            "source": order.source,
            "workload": _fields(order.work),
            "lines": [_line(each) for each in order.bill.lines],
            "total": order.bill.total,
            "sleep_after": [{"seconds": each, "total": total} for each, total in order.tails],
            "kept_warm": order.kept_warm,
            "types": [
                {**_type(each.kind), "seconds": each.seconds, "start": each.start, "total": each.total}
                for each in order.offers
            ],
            "goal": order.goal,
            "cheapest": None if best is None else best.kind.name,
            "elsewhere": [
                {
                    "platform": each.platform, "how": each.how, "total": each.total, "lacking": each.lacking,
                    "credit": each.credit, "lines": [_line(line) for line in each.lines],
                }
                for each in order.elsewhere
            ],
            "assumptions": [*_assumptions(order)],
        },
        indent=2,
    )  # fmt: skip


def price_table() -> str:
    """Every price with its unit, what a month includes, and the month in which it was read."""
    rows = ["| Platform | What | Price | Included a month | Read |", "| --- | --- | --- | --- | --- |"]
    for each in PRICES:
        included = f"{number(each.included)} {each.unit}" if each.included else "none"
        price = f"{rate(each.dollars)} / {each.unit}"
        rows.append(f"| {each.platform} | {each.what} | {price} | {included} | {each.read} |")
    return "\n".join(rows)


def _head(order: Order) -> Iterator[str]:
    work = order.work
    yield f"{order.title} on {order.kind}, {_coming(work)}"
    if order.source:
        yield f"  type and sleepAfter   {order.source}, where not given"
    if work.requests is not None:
        tail = f" + {work.sleep_after:g} s idle until it sleeps" if order.tails else ""
        start = f"{work.start:.3g} s start + " if work.start and order.tails else ""
        alone = "a request alone" if work.arrival is Arrival.ISOLATED else "a request"
        yield f"  {alone:<22}{start}{work.seconds:.3g} s work{tail}"
    yield f"  {'awake':<22}{work.awake / 3600:,.1f} h a month, {work.working / 3600:,.1f} h of them at work"


def _coming(work: Workload) -> str:
    if work.requests is None:
        return "at work all the time that it is awake"
    how = {
        Arrival.ISOLATED: "each alone",
        Arrival.BURSTS: f"in {work.bursts:,} bursts",
        Arrival.HOURS: f"awake for {work.hours:g} h",
        Arrival.ALWAYS: f"{work.instances} always awake",
    }
    return f"{work.requests:,} requests a month, {how[work.arrival]}"


def _bill(order: Order) -> Iterator[str]:
    for each in order.bill.lines:
        yield f"  {each.price.what:<{LABEL + 7}}{_money(each.dollars)}   {each.arithmetic}"
    yield f"  {'total':<{LABEL + 7}}{_money(order.bill.total)}"


def _tails(order: Order) -> Iterator[str]:
    if order.tails:
        listed = ", ".join(f"{each:g} s ${total:,.2f}" for each, total in order.tails)
        yield f"By sleepAfter: {listed}"
    if (warm := order.kept_warm) is not None:
        yield f"With one kept warm (KEEP_WARM): ${warm:,.2f}, which is ${warm - order.bill.total:,.2f} more"


def _types(order: Order) -> Iterator[str]:
    if not order.offers:
        return
    yield "By instance type: a request that finds a container awake, one that finds it asleep, and the month"
    for each in order.offers:
        in_time = order.goal is not None and each.answers_in(order.work.arrival) <= order.goal
        awake, asleep = f"{each.seconds:.2f} s", f"{each.start + each.seconds:.2f} s"
        row = f"  {each.kind.name:<{LABEL - 9}}{awake:>8}{asleep:>8}{_money(each.total)}"
        yield row + ("   in time" if in_time else "")
    if order.goal is not None:
        yield _best(order, order.goal)


def _best(order: Order, goal: float) -> str:
    found = "asleep, as each does here" if order.work.arrival is Arrival.ISOLATED else "awake"
    told = f"within {goal:g} s, for a request that finds its container {found}"
    best = order.cheapest
    return f"The cheapest {told}: {best.kind}" if best else f"No type answers {told}."


def _elsewhere(order: Order) -> Iterator[str]:
    yield "The same CPU and memory elsewhere:"
    for each in order.elsewhere:
        total = f"{'-':>10}" if each.total is None else _money(each.total)
        yield f"  {each.platform:<{LABEL + 7}}{total}   {each.lacking or each.how}"


def _assumptions(order: Order) -> Iterator[str]:
    figures = order.figures
    if figures.work and figures.seconds is not None:
        yield f"A request is {figures.work}; --seconds prices others."
    if figures.seconds is not None:
        yield (
            f"By type: {figures.seconds:.3g} s at one vCPU, divided by the vCPU of the type up to"
            f" {figures.parallelism:g}, the same share of its CPU in use."
        )
    yield f"Elsewhere: {COMPUTE_ONLY}."
    yield "Months have 30 days. Prices: offing edge cost --prices."


def _money(dollars: float) -> str:
    return f"{f'${dollars:,.2f}':>10}"


def _type(kind: Any) -> dict[str, Any]:
    return {"name": kind.name, "vcpu": kind.vcpu, "memory_gib": kind.memory, "disk_gb": kind.disk}


def _line(line: Line) -> dict[str, Any]:
    price = line.price
    return {
        "what": price.what, "used": line.used, "unit": price.unit, "included": price.included,
        "price": price.dollars, "read": price.read, "dollars": line.dollars, "arithmetic": line.arithmetic,
    }  # fmt: skip


def _fields(work: Workload) -> dict[str, Any]:
    return {
        "requests": work.requests, "seconds": work.seconds, "start": work.start,
        "sleep_after": work.sleep_after, "arrival": work.arrival.value, "starts": work.starts,
        "instances": work.instances, "cpu_share": work.cpu_share, "egress_gb": dict(work.egress),
        "awake_seconds": work.awake, "working_seconds": work.working,
    }  # fmt: skip
