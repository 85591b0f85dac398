"""Whether the variables that the Worker itself reads have values that it understands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit

from offing.edge.check.finding import Finding
from offing.edge.configuration import Deployment, words
from offing.edge.jsonc import Node

ROUTINGS = ("fill-first", "random", "single")
ALIKE = 0.85
"""How like a known name one must be to count as misspelt."""
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Rule:
    """What a variable may be."""

    fits: Callable[[str], bool]
    values: str
    """In words, after "must be"."""


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises where it is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None


COUNT = Rule(lambda text: text.isdecimal() and int(text) > 0, "a whole number above 0")
WHOLE = Rule(str.isdecimal, "a whole number from 0 on")
SHARE = Rule(lambda text: _is_number(text) and float(text) <= 1, "a number from 0 to 1")
SECONDS = Rule(lambda text: _is_number(text) and float(text) > 0, "a number of seconds above 0")
UPSTREAM_SECONDS = Rule(
    lambda text: SECONDS.fits(text) and float(text) <= 900,  # noqa: PLR2004
    "a number of seconds above 0, at most 900",
)
SECONDS_OR_NONE = Rule(_is_number, "a number of seconds; 0 for none")
FLAG = Rule(lambda text: text in ("true", "false"), '"true" or "false"')
URL = Rule(_is_url, "an address as https://host, without a user's name")
ROUTING = Rule(lambda text: text in ROUTINGS, f"one of {', '.join(ROUTINGS)}")

OF_THE_WORKER: Mapping[str, Rule] = {
    "LOG_SAMPLE": SHARE,
    "ANSWER_CACHE_SECONDS": SECONDS_OR_NONE,
    "XET_STORE_MIN_BYTES": WHOLE,
    "XET_STORE_MAX_BYTES": WHOLE,
    "OFFING_JOBS_KEEP_SECONDS": SECONDS,
    "OFFING_JOBS_RETRY_SECONDS": SECONDS,
}
OF_A_SERVICE: Mapping[str, Rule] = {
    "ROUTING": ROUTING,
    "CONCURRENCY": COUNT,
    "UPSTREAM": URL,
    "UPSTREAM_SHARE": SHARE,
    "UPSTREAM_OVERFLOW": FLAG,
    "UPSTREAM_SECONDS": UPSTREAM_SECONDS,
    "MAX_BODY_BYTES": COUNT,
    "REQUEST_SECONDS": SECONDS,
}
"""By what follows the binding's name and a line below."""
LISTS = ("SERVICES", "KEEP_WARM")
"""Variables that name services."""
ELSEWHERE = ("INSTANCES", "SLEEP_AFTER")
"""Of a service likewise, and looked at beside the containers' numbers."""


def check_worker_variables(deployment: Deployment) -> Iterator[Finding]:
    """What is wrong with the Worker's own variables; one that is empty counts as not set."""
    rules = dict(_rules(deployment))
    for name, node in deployment.variables.items():
        if name in rules:
            yield from _value(name, node, rules[name])
        elif name in LISTS:
            yield from _names(name, node, deployment)
        elif meant := _misspelt(name, deployment, rules):
            yield Finding(node, f"nothing reads {name}", f"Did you mean {meant}?")
    yield from _warm(deployment)


def known_to_the_worker(deployment: Deployment) -> set[str]:
    """The names of the variables that the Worker reads."""
    return {*dict(_rules(deployment)), *LISTS}


def _rules(deployment: Deployment) -> Iterator[tuple[str, Rule]]:
    yield from OF_THE_WORKER.items()
    for container in deployment.containers:
        yield from ((f"{container.binding}_{part}", rule) for part, rule in OF_A_SERVICE.items())


def _value(name: str, node: Node, rule: Rule) -> Iterator[Finding]:
    if not isinstance(node.value, str):
        yield Finding(node, f"{name} is no text, which the Worker expects", "Write its value in quotes.")
    elif node.value.strip() and not rule.fits(node.value.strip()):
        yield Finding(
            node, f"{name} must be {rule.values}", "Mend it, or write an empty text for the default."
        )


def _names(name: str, node: Node, deployment: Deployment) -> Iterator[Finding]:
    there = [each.service for each in deployment.containers]
    for each in words(node.value):
        if each not in there:
            remedy = f"Name some of {', '.join(there)}, separated by spaces." if there else "Name none."
            yield Finding(node, f"{name} names {each}, which has no container", remedy)


def _warm(deployment: Deployment) -> Iterator[Finding]:
    """What is kept warm is deployed, and a cron trigger wakes the Worker for it."""
    node = deployment.variables.get("KEEP_WARM")
    if node is None or not words(node.value):
        return
    triggers = deployment.inherited("triggers").get("crons")
    if triggers is None or not triggers.items():
        remedy = 'Add "triggers": { "crons": ["* * * * *"] }.'
        yield Finding(node, "KEEP_WARM needs a cron trigger, and there is none", remedy)
    services = deployment.variables.get("SERVICES")
    deployed = words(services.value) if services is not None else []
    for each in words(node.value):
        if deployed and each not in deployed:
            yield Finding(
                node, f"KEEP_WARM names {each}, which SERVICES leaves out", "Name it in both, or in none."
            )


def _misspelt(name: str, deployment: Deployment, rules: Mapping[str, Rule]) -> str:
    """The known name that is meant, where one is alike; "" where none is."""
    bindings = [each.binding for each in deployment.containers if each.binding]
    numbers = {f"{binding}_{part}" for binding in bindings for part in ELSEWHERE}
    if name in numbers or not any(
        name.startswith(f"{each}_") for each in (*bindings, "KEEP", "LOG", "ANSWER")
    ):
        return ""
    close = get_close_matches(name, [*rules, *LISTS, *numbers], 1, ALIKE)
    return close[0] if close else ""
