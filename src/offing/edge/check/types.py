"""Whether each container's instance type exists, and is within the limits of custom ones."""

from __future__ import annotations

from collections.abc import Iterator

from offing.edge.check.finding import Finding
from offing.edge.configuration import Container, Deployment
from offing.edge.instance_types import NAMED, UNSET, excesses, likely

CUSTOM = ("vcpu", "memory_mib", "disk_mb")


def check_types(deployment: Deployment) -> Iterator[Finding]:
    """What is wrong with the instance types."""
    for container in deployment.containers:
        given = container.node.get("instance_type")
        if given is None:
            wrong = f"no instance_type is given, so it would be {UNSET}"
            yield Finding(container.node, wrong, f"Name one of {', '.join(NAMED)}.")
        elif isinstance(given.value, str):
            yield from _named(container, given.value)
        else:
            yield from _custom(container)


def _named(container: Container, name: str) -> Iterator[Finding]:
    if name in NAMED:
        return
    meant = " or ".join(f'"{kind.name}" ({kind.size})' for kind in likely(name))
    yield Finding(
        container.node.members()["instance_type"], f'there is no instance type "{name}"', f"Write {meant}."
    )


def _custom(container: Container) -> Iterator[Finding]:
    given = container.node.members()["instance_type"]
    limits = "1 to 4 vCPU, 3 to 12 GiB for each vCPU of them, at most 2 GB of disk for each GiB"
    remedy = f"Give vcpu, memory_mib and disk_mb ({limits}), or name one of {', '.join(NAMED)}."
    if unknown := [name for name in given.members() if name not in CUSTOM]:
        yield Finding(given, f"a custom type has no {unknown[0]}", remedy)
    if missing := [name for name in CUSTOM if given.get(name) is None]:
        yield Finding(given, f"the custom type gives no {missing[0]}", remedy)
    elif (kind := container.kind) is None:
        yield Finding(given, "the custom type's limits are no numbers", remedy)
    else:
        yield from (Finding(given, excess, remedy) for excess in excesses(kind))
