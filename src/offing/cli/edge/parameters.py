"""What `offing edge` takes on the command line: times, instance types, what is sent to which region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from offing.edge.instance_types import InstanceType

REGIONS = ("na-eu", "oceania", "elsewhere")


class Duration(click.ParamType[float]):
    """A time: ``30``, ``30s``, ``2m``, ``1h``."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Its seconds."""
        from offing.edge.configuration import seconds

        written = str(value)
        found = seconds(f"{written}s" if written.isdigit() else written)
        if found is None:
            self.fail(f"{value!r} is no time; write 30s, 2m or 1h.", param, ctx)
        return float(found)


class Kind(click.ParamType["InstanceType"]):
    """An instance type: a name, or ``VCPU:GIB:GB`` for a custom one."""

    name = "type"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> InstanceType:
        """The type, within the platform's limits."""
        from offing.edge.instance_types import NAMED, InstanceType, excesses, likely

        if value in NAMED:
            return NAMED[value]
        try:
            kind = InstanceType("custom", *map(float, str(value).split(":")))
        except (TypeError, ValueError):
            meant = " or ".join(str(each) for each in likely(str(value)))
            self.fail(f"there is no type {value!r}. Write {meant}.", param, ctx)
        for excess in excesses(kind):
            self.fail(f"{excess}.", param, ctx)
        return kind


class Egress(click.ParamType[tuple[str, float]]):
    """What is sent to clients of a region: ``na-eu=500``, in GB."""

    name = "region=gb"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """The region and the GB."""
        region, _, amount = str(value).partition("=")
        if region not in REGIONS:
            self.fail(f"{region!r} is no region; there are {', '.join(REGIONS)}.", param, ctx)
        if not amount.replace(".", "", 1).isdecimal():
            self.fail(f"{amount!r} is no number of GB.", param, ctx)
        return region, float(amount)
