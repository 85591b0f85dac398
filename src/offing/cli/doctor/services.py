"""The services: their packages, their settings, and a real request that each answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from importlib.metadata import EntryPoint, entry_points

from offing.cli.doctor.check import Check, State, guarded
from offing.cli.doctor.packages import KERNEL, check, requirements
from offing.kernel.service import ENTRY_POINTS, Service


def services() -> Iterator[Check]:
    """Every service that is named here; one that lacks its packages is not tried."""
    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)
    if not found:
        yield Check(
            "services", State.MISSING, "none is installed", "Install one: pip install 'offing[insights]'"
        )
    for each in found:
        packages = guarded(each.name, partial(_packages, each))
        yield from packages
        if not any(one.stops_serving for one in packages):
            yield from guarded(each.name, partial(_rehearsal, each))


def settings() -> Iterator[Check]:
    """Whether every variable has a value that fits, and every one named like ours is read."""
    from offing.cli.rooms import known_variables, rooms
    from offing.kernel.fetch import PREFIX, Fetcher, FetchSettings
    from offing.kernel.settings import explain, load, unrecognized

    explained = [each for room in rooms() for each in explain(room.record, room.prefix)]
    remedy = "`offing settings` lists every setting with its meaning."
    for each in explained:
        if not each.fits:
            yield Check("settings", State.FAILED, f"{each.source} must be {each.values}", remedy)
    for name in unrecognized(known_variables((each.variable, *each.aliases) for each in explained)):
        yield Check("settings", State.NOTE, f"{name} is set, but no setting is called so", remedy)
    if all(each.fits for each in explained):
        Fetcher(load(FetchSettings, PREFIX)).prepare()  # reads the proxies, the networks, the certificates
        given = sum(each.source != "default" for each in explained)
        yield Check("settings", State.OK, f"{given} of {len(explained)} are set, and fit")


def _packages(point: EntryPoint) -> Iterator[Check]:
    if point.dist is None:
        return
    ours = point.dist.name == KERNEL
    needed = requirements(point.dist, point.name if ours else "")
    install = f"pip install 'offing[{point.name}]'" if ours else f"pip install {point.dist.name}"
    yield check(point.name, needed, install)


def _rehearsal(point: EntryPoint) -> Iterator[Check]:
    from offing.cli.doctor.rehearsal import rehearse

    service: Service = point.load()
    started = time.perf_counter()
    did = asyncio.run(rehearse(service))
    yield Check(service.name, State.OK, f"{did} in {time.perf_counter() - started:.2f} s")
