"""Whether queues, buckets, rate limits, data sets and files are bound so that the Worker can use them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from offing.edge.check.finding import Finding
from offing.edge.configuration import Deployment
from offing.edge.jsonc import Node

PERIODS = (10, 60)
"""Seconds over which a rate limit may count."""
MOST_BATCH, MOST_WAIT, MOST_RETRIES = 100, 60, 100
"""Of a queue's consumer: messages a batch, seconds until it is full, and tries after the first."""
LIMITS = {
    "max_batch_size": (1, MOST_BATCH),
    "max_batch_timeout": (0, MOST_WAIT),
    "max_retries": (0, MOST_RETRIES),
}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_QUEUE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DATA_SET = re.compile(r"[A-Za-z0-9_]{1,100}")
_NAMED = {"r2_buckets": "binding", "ratelimits": "name", "analytics_engine_datasets": "binding"}
"""Kinds of bindings, with the member that holds the name by which the Worker knows one."""


def check_bindings(deployment: Deployment, folder: Path) -> Iterator[Finding]:
    """What is wrong with what the Worker is bound to besides its Durable Objects."""
    yield from _names(deployment)
    yield from _buckets(deployment)
    yield from _queues(deployment)
    yield from _rates(deployment)
    yield from _data_sets(deployment)
    yield from _files(deployment, folder)


def _names(deployment: Deployment) -> Iterator[Finding]:
    """Each has a name that no other has: of two, the Worker sees one."""
    bound = [(each, each.text("name")) for each in deployment.bindings]
    for kind, member in _NAMED.items():
        bound += [(each, each.text(member)) for each in deployment.listed(kind)]
    bound += [(each, each.text("binding")) for each in deployment.listed("queues", "producers")]
    taken = Counter([*(name for _, name in bound), *deployment.variables])
    for node, name in bound[len(deployment.bindings) :]:
        if not name:
            yield Finding(node, "the binding has no name", "Give it one: the Worker has no other way to it.")
        elif taken[name] > 1:
            yield Finding(node, f"the name {name} is bound more than once", "Rename one.")


def _buckets(deployment: Deployment) -> Iterator[Finding]:
    for each in deployment.listed("r2_buckets"):
        name = each.text("bucket_name")
        if _BUCKET.fullmatch(name) is None:
            wrong = f"bucket_name {name!r} is no name of a bucket"
            yield Finding(each, wrong, "Write 3 to 63 small letters, digits and hyphens.")


def _queues(deployment: Deployment) -> Iterator[Finding]:
    consumers = deployment.listed("queues", "consumers")
    consumed = Counter(each.text("queue") for each in consumers)
    for each in deployment.listed("queues", "producers"):
        name = each.text("queue")
        if _QUEUE.fullmatch(name) is None:
            yield Finding(
                each, f"queue {name!r} is no name of a queue", "Write small letters, digits and hyphens."
            )
        elif not consumed[name]:
            remedy = "Add it to queues.consumers: what is sent there is never done."
            yield Finding(each, f"nobody consumes the queue {name}", remedy)
    dead = {each.text("dead_letter_queue") for each in consumers}
    for each in consumers:
        yield from _consumer(each, consumed, is_dead=each.text("queue") in dead)


def _consumer(node: Node, consumed: Counter[str], *, is_dead: bool) -> Iterator[Finding]:
    name, dead = node.text("queue"), node.text("dead_letter_queue")
    if consumed[name] > 1:
        yield Finding(node, f"the queue {name} is consumed twice", "Leave one of the consumers.")
    if not dead and not is_dead:
        remedy = (
            f'Add "dead_letter_queue": "{name}-dead": what fails to the last would be lost without a trace.'
        )
        yield Finding(node, f"the queue {name} has no dead letters", remedy)
    elif dead == name:
        yield Finding(node, f"the dead letters of {name} go to itself", "Name another queue.")
    for member, (least, most) in LIMITS.items():
        given = node.get(member)
        if given is not None and not (_is_whole(given) and least <= given.value <= most):
            yield Finding(given, f"{member} is no whole number from {least} to {most}", "Write one.")


def _rates(deployment: Deployment) -> Iterator[Finding]:
    for each in deployment.listed("ratelimits"):
        simple = each.get("simple") or each
        limit, period = simple.get("limit"), simple.get("period")
        if limit is None or not _is_whole(limit) or limit.value <= 0:
            yield Finding(
                limit or each, "limit is no whole number above 0", "Write the requests of a period."
            )
        if period is None or period.value not in PERIODS:
            yield Finding(
                period or each, "period is neither 10 nor 60", "Write one of these numbers of seconds."
            )
        if not each.text("namespace_id").isdecimal():
            remedy = 'Write a number in quotes that no other rate limit of the account has, such as "1001".'
            yield Finding(each, "namespace_id is no number in quotes", remedy)


def _data_sets(deployment: Deployment) -> Iterator[Finding]:
    for each in deployment.listed("analytics_engine_datasets"):
        name = each.text("dataset")
        if name and _DATA_SET.fullmatch(name) is None:
            yield Finding(each, f"dataset {name!r} is no name of one", "Write letters, digits and _.")


def _files(deployment: Deployment, folder: Path) -> Iterator[Finding]:
    assets = deployment.inherited("assets")
    name = assets.text("directory")
    if not name:
        return
    if not (folder / name).is_dir():
        yield Finding(assets, f"there is no folder {name}", "`make docs` writes it.")
    first = assets.get("run_worker_first")
    if first is None or first.value is not True:
        wrong = "files are answered before the Worker, without its keys, limits and headers"
        yield Finding(first or assets, wrong, 'Write "run_worker_first": true.')


def _is_whole(node: Node) -> bool:
    return isinstance(node.value, int) and not isinstance(node.value, bool)
