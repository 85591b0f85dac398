"""The instance types of Cloudflare Containers, named and custom, and their limits (November 2026)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

MEBIBYTES = 1024
"""Of a GiB."""
MEGABYTES = 1000
"""Of a GB."""


@dataclass(frozen=True)
class InstanceType:
    """What one container has while it is awake."""

    name: str
    vcpu: float
    memory: float
    """GiB."""
    disk: float
    """GB; an image may be as large."""

    def __str__(self) -> str:
        return f"{self.name} ({self.size})"

    @property
    def size(self) -> str:
        """In words: ``1 vCPU, 6 GiB, 12 GB``."""
        return (
            f"{fraction(self.vcpu)} vCPU, {_amount(self.memory, MEBIBYTES, 'GiB', 'MiB')}, {self.disk:g} GB"
        )


NAMED = {
    each.name: each
    for each in (
        InstanceType("lite", 1 / 16, 0.25, 2),
        InstanceType("basic", 1 / 4, 1, 4),
        InstanceType("standard-1", 1 / 2, 4, 8),
        InstanceType("standard-2", 1, 6, 12),
        InstanceType("standard-3", 2, 8, 16),
        InstanceType("standard-4", 4, 12, 20),
    )
}
UNSET = NAMED["lite"]
"""What a container gets whose configuration names no type, and each number that a custom one leaves out."""
MEANT = {
    "dev": ("lite",),
    "small": ("basic", "standard-1"),
    "standard": ("standard-1",),
    "medium": ("standard-2",),
    "large": ("standard-3", "standard-4"),
    "xlarge": ("standard-4",),
}
"""Names of old, and of other platforms."""

LEAST_VCPU, MOST_VCPU = 1, 4
MOST_MEMORY, MOST_DISK = 12, 20
MEMORY_EACH_VCPU, DISK_EACH_GIB = 3, 2
"""At least so many GiB for each vCPU; at most so many GB of disk for each GiB."""


def custom(vcpu: float | None, memory_mib: float | None, disk_mb: float | None) -> InstanceType:
    """A type given by numbers, in the units of a configuration."""
    return InstanceType(
        "custom",
        UNSET.vcpu if vcpu is None else vcpu,
        UNSET.memory if memory_mib is None else memory_mib / MEBIBYTES,
        UNSET.disk if disk_mb is None else disk_mb / MEGABYTES,
    )


def excesses(kind: InstanceType) -> Iterator[str]:
    """What a custom type breaks of the platform's limits."""
    if not LEAST_VCPU <= kind.vcpu <= MOST_VCPU:
        yield f"vcpu is {kind.vcpu:g}; a custom type has {LEAST_VCPU} to {MOST_VCPU}"
    if not 0 < kind.memory <= MOST_MEMORY:
        most = f"{MOST_MEMORY * MEBIBYTES} ({MOST_MEMORY} GiB)"
        yield f"memory_mib is {kind.memory * MEBIBYTES:g}; the most is {most}"
    elif kind.memory < kind.vcpu * MEMORY_EACH_VCPU:
        least = f"{kind.vcpu * MEMORY_EACH_VCPU * MEBIBYTES:g}"
        yield f"memory_mib is {kind.memory * MEBIBYTES:g}; {kind.vcpu:g} vCPU need {least} (3 GiB each)"
    if not 0 < kind.disk <= MOST_DISK:
        yield f"disk_mb is {kind.disk * MEGABYTES:g}; the most is {MOST_DISK * MEGABYTES} ({MOST_DISK} GB)"
    elif kind.disk > kind.memory * DISK_EACH_GIB:
        most = f"{kind.memory * DISK_EACH_GIB * MEGABYTES:g}"
        yield f"disk_mb is {kind.disk * MEGABYTES:g}; this memory allows {most} (2 GB for each GiB)"


def likely(name: str) -> list[InstanceType]:
    """The types that an unknown name may have meant; all where nothing is like it."""
    close = MEANT.get(name.lower()) or get_close_matches(name.lower(), NAMED, 2) or NAMED
    return [NAMED[each] for each in close]


def fraction(vcpu: float) -> str:
    """A share of a processor as the platform writes it: ``1/4``."""
    return f"1/{1 / vcpu:g}" if 0 < vcpu < 1 and (1 / vcpu).is_integer() else f"{vcpu:g}"


def _amount(number: float, parts: int, unit: str, smaller: str) -> str:
    return f"{number:g} {unit}" if number >= 1 else f"{number * parts:g} {smaller}"
