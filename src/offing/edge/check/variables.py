"""Whether the variables that reach the containers are settings, and have values that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from offing.edge.check.finding import Finding
from offing.edge.check.worker_variables import known_to_the_worker
from offing.edge.configuration import Container, Deployment
from offing.edge.jsonc import Node
from offing.kernel.settings import OURS, Setting, explain

LISTED = "`offing settings` lists every setting with its meaning."
ARGUMENTS = ("OFFING_SERVICE",)
"""What stands for an argument of a command and is no setting."""
CACHE = "cache_bytes"
"""The setting of whatever service keeps files on its container's disk."""
GIGABYTE = 1000**3


def check_variables(
    deployment: Deployment, records: Sequence[tuple[type[msgspec.Struct], str]]
) -> Iterator[Finding]:
    """What is wrong with the variables named like settings, and with what they ask of the disk."""
    variables = deployment.variables
    texts = {name: each.value for name, each in variables.items() if isinstance(each.value, str)}
    explained = {prefix: list(explain(record, prefix, texts)) for record, prefix in records}
    settings = [setting for each in explained.values() for setting in each]
    yield from _unknown(variables, names_of(settings), known_to_the_worker(deployment))
    for setting in settings:
        if not setting.fits:
            yield Finding(variables[setting.source], f"{setting.source} must be {setting.values}", LISTED)
    for container in deployment.containers:
        yield from _disk(container, explained.get(f"{OURS}{container.service.upper()}_", []), variables)


def names_of(settings: Sequence[Setting]) -> set[str]:
    """Every variable by which a setting is known."""
    return {name for each in settings for name in (each.variable, *each.aliases)}


def _unknown(variables: Mapping[str, Node], known: set[str], of_the_worker: set[str]) -> Iterator[Finding]:
    for name, node in variables.items():
        if name in known and not isinstance(node.value, str):
            wrong = f"{name} is no text, and only texts reach the containers"
            yield Finding(node, wrong, "Write its value in quotes.")
        elif name.startswith(OURS) and name not in known | of_the_worker and name not in ARGUMENTS:
            meant = "".join(f" Did you mean {close}?" for close in get_close_matches(name, known, 1))
            yield Finding(node, f"{name} is no setting; nothing reads it", f"{LISTED}{meant}")


def _disk(
    container: Container, settings: Sequence[Setting], variables: Mapping[str, Node]
) -> Iterator[Finding]:
    kind = container.kind
    for setting in settings:
        if setting.field != CACHE or kind is None or setting.value < kind.disk * GIGABYTE:
            continue
        wrong = f"a cache of {setting.value / GIGABYTE:.1f} GB leaves no room on a disk of {kind.disk:g} GB"
        remedy = f"Set {setting.variable} well below it: the image and what is being written need room, too."
        yield Finding(variables.get(setting.source, container.node), wrong, remedy)
