"""How many containers there may be, when they sleep, and in which steps a deploy replaces them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offing.edge.check.finding import Finding
from offing.edge.configuration import Container, Deployment, is_number, seconds
from offing.edge.jsonc import Node

USUAL_MOST = 20
"""``max_instances`` where a configuration names none."""
EQUAL_STEPS = (5, 10, 20, 25, 50, 100)
FIRST_STEP, LAST_STEP = 10, 100
STEPS_REMEDY = f"Write one of {', '.join(map(str, EQUAL_STEPS))}, or ascending steps such as [10, 100]."


def check_instances(deployment: Deployment) -> Iterator[Finding]:
    """What is wrong with the numbers of instances, the times to sleep and the rollouts."""
    for container in deployment.containers:
        yield from _most(container)
        yield from _shared(container, deployment)
        yield from _sleep(container, deployment)
        yield from _steps(container)
        yield from _grace(container)


def _most(container: Container) -> Iterator[Finding]:
    given = container.node.get("max_instances")
    if given is not None and not _is_count(given.value):
        yield Finding(
            given, "max_instances is no whole number above 0", "Write how many may be awake at once."
        )


def _shared(container: Container, deployment: Deployment) -> Iterator[Finding]:
    given = deployment.variables.get(f"{container.binding}_INSTANCES")
    if given is None:
        return
    count = _whole(given.value)
    limit = container.node.get("max_instances")
    most = limit.value if limit is not None and _is_count(limit.value) else USUAL_MOST
    if count is None:
        yield Finding(given, "this is no whole number above 0", 'Write a number in quotes, such as "1".')
    elif count > most:
        wrong = f"{count} containers are to share the requests, but max_instances is {most}"
        yield Finding(given, wrong, f"Raise max_instances of {container.class_name}, or lower this.")


def _sleep(container: Container, deployment: Deployment) -> Iterator[Finding]:
    name = f"{container.binding}_SLEEP_AFTER"
    given = deployment.variables.get(name)
    if given is None:
        if container.service and container.binding:
            yield Finding(
                container.node, f"vars say nothing of {name}", f'Give one, such as "{name}": "60s".'
            )
        return
    after = seconds(given.value)
    if after is None or after <= 0:
        wrong = "this is no time after which a container sleeps"
        yield Finding(given, wrong, 'Write a whole number with s, m or h: "90s", "2m", "1h".')


def _steps(container: Container) -> Iterator[Finding]:
    given = container.node.get("rollout_step_percentage")
    if given is None or given.value in EQUAL_STEPS:
        return
    steps = [each.value for each in given.items()]
    numbers = [each for each in steps if is_number(each)]
    if not steps or numbers != steps:
        yield Finding(given, "these are no steps of a rollout", STEPS_REMEDY)
    elif numbers != sorted(numbers) or numbers[0] < FIRST_STEP or numbers[-1] != LAST_STEP:
        wrong = f"the steps don't ascend from at least {FIRST_STEP} to {LAST_STEP}"
        yield Finding(given, wrong, STEPS_REMEDY)
    else:
        yield from _too_many(given, container)


def _too_many(given: Node, container: Container) -> Iterator[Finding]:
    limit = container.node.get("max_instances")
    if limit is not None and _is_count(limit.value) and len(given.items()) > limit.value:
        wrong = f"there are {len(given.items())} steps for at most {limit.value} instances"
        yield Finding(given, wrong, "Name no more steps than max_instances.")


def _grace(container: Container) -> Iterator[Finding]:
    given = container.node.get("rollout_active_grace_period")
    if given is not None and not (is_number(given.value) and given.value >= 0):
        yield Finding(given, "the grace period is no number of seconds", "Write one from 0 on.")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _whole(value: Any) -> int | None:
    """A count as a variable spells it, or as a number."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) else None  # noqa: PLR2004
