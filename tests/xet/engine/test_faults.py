"""Troubles of networks and stores: in the end there are the right bytes or a problem, and soon."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.xet.engine.limits import Limits
from offing.xet.engine.reader import Reader
from offing.xet.hub.faults import Rule
from offing.xet.problems import (
    ContentNotFound,
    Corrupt,
    NoRight,
    RateLimited,
    UpstreamFailed,
    UpstreamTimedOut,
    XetProblem,
)
from tests.xet.engine.stocked import FILES, REPOSITORY, Stocked, collect, impatient, read

NAME = "edited.bin"
QUICK = Limits(patience=10.0, stall_seconds=0.4)

PASSING: Mapping[str, list[Rule]] = {
    "500 of the store": [Rule(what="status", on="xorb", every=3)],
    "503 of a plan": [Rule(what="status", on="reconstruction", every=2, status=503)],
    "429 of the store": [Rule(what="status", on="xorb", every=2, status=429, retry_after=0, times=6)],
    "429 of a plan": [Rule(what="status", on="reconstruction", status=429, retry_after=0, times=2)],
    "403 of a signed URL": [Rule(what="status", on="xorb", status=403, every=4, times=4)],
    "401 of a plan": [Rule(what="status", on="reconstruction", status=401, times=1)],
    "500 of the hub": [Rule(what="status", on="token", times=2), Rule(what="status", on="resolve", times=2)],
    "bodies cut at once": [Rule(what="cut", on="xorb", every=3)],
    "bodies cut in the middle": [Rule(what="cut", on="xorb", every=2, at=150_000)],
    "bodies cut near the end": [Rule(what="cut", on="xorb", every=2, at=249_000)],
    "plans cut": [Rule(what="cut", on="reconstruction", every=2, at=100)],
    "silence": [Rule(what="stall", on="xorb", at=100_000, times=2, seconds=5)],
    "silent plans": [Rule(what="stall", on="reconstruction", at=10, times=1, seconds=0.5)],
    "damage now and then": [Rule(what="flip", on="xorb", at=0, times=1)],
    "all at once": [
        Rule(what="status", on="xorb", every=5),
        Rule(what="cut", on="xorb", every=4, at=90_000),
        Rule(what="status", on="reconstruction", every=3, status=502),
        Rule(what="status", on="token", times=1),
    ],
}


@pytest.mark.parametrize("trouble", PASSING)
def test_a_trouble_that_passes_changes_nothing(stocked: Stocked, trouble: str) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(*PASSING[trouble])
        outcome = await read(reader, NAME)
        assert outcome.problem is None
        assert outcome.content == FILES[NAME]

    stocked.run(test, retries=impatient(5), limits=QUICK)


STAYING: Mapping[str, tuple[Rule, type[XetProblem]]] = {
    "500 of the store": (Rule(what="status", on="xorb"), UpstreamFailed),
    "504 of the store": (Rule(what="status", on="xorb", status=504), UpstreamTimedOut),
    "403 of signed URLs": (Rule(what="status", on="xorb", status=403), UpstreamFailed),
    "404 of a xorb": (Rule(what="status", on="xorb", status=404), UpstreamFailed),
    "429 of the store": (Rule(what="status", on="xorb", status=429, retry_after=0), RateLimited),
    "429 for long": (Rule(what="status", on="xorb", status=429, retry_after=3000), RateLimited),
    "429 of plans": (Rule(what="status", on="reconstruction", status=429, retry_after=0), RateLimited),
    "429 of plans for long": (
        Rule(what="status", on="reconstruction", status=429, retry_after=9),
        RateLimited,
    ),
    "500 of plans": (Rule(what="status", on="reconstruction"), UpstreamFailed),
    "401 of plans": (Rule(what="status", on="reconstruction", status=401), NoRight),
    "404 of plans": (Rule(what="status", on="reconstruction", status=404), ContentNotFound),
    "401 of tokens": (Rule(what="status", on="token", status=401), NoRight),
    "cut bodies": (Rule(what="cut", on="xorb", at=10), UpstreamFailed),
    "silence": (Rule(what="stall", on="xorb", at=10, seconds=5), UpstreamTimedOut),
    "damage": (Rule(what="flip", on="xorb", at=0), Corrupt),
}


@pytest.mark.parametrize("trouble", STAYING)
def test_a_trouble_that_stays_is_told_as_what_it_is(stocked: Stocked, trouble: str) -> None:
    rule, kind = STAYING[trouble]

    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(rule)
        outcome = await read(reader, NAME)
        assert type(outcome.problem) is kind
        assert FILES[NAME].startswith(outcome.content)
        assert len(outcome.content) < len(FILES[NAME])

    stocked.run(test, retries=impatient(), limits=Limits(patience=10.0, stall_seconds=0.2), seconds=15)


def test_a_store_that_fails_later_fails_there(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(Rule(what="status", on="xorb", first=2))
        outcome = await read(reader, "large.bin")
        assert isinstance(outcome.problem, UpstreamFailed)
        assert FILES["large.bin"].startswith(outcome.content)
        assert len(outcome.content) >= 1 << 20

    stocked.hub.settings.ranges_together = 1
    stocked.run(test, limits=QUICK)


@pytest.mark.parametrize("name", ["large.bin", "edited.bin", "zeros.bin", "mixed.bin"])
@pytest.mark.parametrize("settings_", [{"second_version": False}, {"ranges_together": 1}])
def test_every_form_of_plan_gives_the_same_file(
    stocked: Stocked, name: str, settings_: Mapping[str, Any]
) -> None:
    for setting, value in settings_.items():
        setattr(stocked.hub.settings, setting, value)

    async def test(reader: Reader) -> None:
        assert (await read(reader, name)).content == FILES[name]

    stocked.run(test)


def test_a_store_without_the_second_version_is_asked_for_it_once(stocked: Stocked) -> None:
    stocked.hub.settings.second_version = False

    async def test(reader: Reader) -> None:
        await read(reader, "large.bin")
        versions = [asked.path.split("/")[1] for asked in stocked.hub.log.of("reconstruction")]
        # Some windows are planned at once in the beginning, and none of them knows yet.
        assert versions.count("v2") <= 3 < versions.count("v1")

    stocked.run(test)


def test_latency_and_slow_connections_change_nothing(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(latency_ms=20, megabytes_per_second=8)
        assert (await read(reader, "large.bin")).content == FILES["large.bin"]

    stocked.run(test)


@pytest.mark.parametrize("plain", [False, True])
def test_a_hub_that_redirects_to_storage_is_followed(stocked: Stocked, *, plain: bool) -> None:
    stocked.hub.settings.redirects_to = stocked.hub.base

    async def test(reader: Reader) -> None:
        outcome = await read(reader, "mixed.bin", plain=plain)
        assert outcome.problem is None
        assert outcome.content == FILES["mixed.bin"]

    stocked.run(test)


@dataclass(frozen=True)
class Weather:
    """What goes wrong during one reading."""

    rules: list[Rule] = field(default_factory=list)
    latency_ms: float = 0
    seed: int = 0
    hub: Mapping[str, Any] = field(default_factory=dict)


_statuses = st.sampled_from([500, 502, 503, 429, 403, 401, 404, 408, 302])
_often = st.one_of(
    st.builds(lambda every: {"every": every}, st.integers(2, 5)),
    st.builds(lambda chance: {"probability": chance}, st.floats(0.05, 0.6)),
    st.builds(lambda first, times: {"first": first, "times": times}, st.integers(0, 9), st.integers(1, 3)),
)
_kinds = st.sampled_from(["xorb", "xorb", "reconstruction", "token", "resolve", "any"])
_places = st.one_of(st.integers(0, 400), st.integers(0, 3_000_000))


def _rule(what: str, on: str, often: Mapping[str, Any], status: int, at: int) -> Rule:
    return Rule(what=what, on=on, status=status, at=at, retry_after=0, seconds=0.6, **often)  # type: ignore[arg-type]


_weathers = st.builds(
    Weather,
    st.lists(
        st.builds(
            _rule, st.sampled_from(["status", "cut", "stall", "flip"]), _kinds, _often, _statuses, _places
        ),
        max_size=4,
    ),
    st.sampled_from([0, 0, 3]),
    st.integers(0, 9),
    st.fixed_dictionaries(
        {
            "second_version": st.booleans(),
            "url_seconds": st.sampled_from([3600.0, 3600.0, 0.03]),
            "token_seconds": st.sampled_from([3600.0, 1.0]),
            "ranges_together": st.sampled_from([1, 64]),
        }
    ),
)


@given(weather=_weathers, name=st.sampled_from(sorted(FILES)), plain=st.booleans(), part=st.data())
@settings(max_examples=40, suppress_health_check=[])
def test_in_any_weather_there_are_the_right_bytes_or_a_problem(
    filled_anew: Stocked, weather: Weather, name: str, part: st.DataObject, *, plain: bool
) -> None:
    content, stocked = FILES[name], filled_anew
    is_damaging = any(rule.what == "flip" for rule in weather.rules)
    start, end = 0, len(content)
    # Nothing tells what a part of a file should be.
    if not is_damaging and part.draw(st.booleans()):
        start = part.draw(st.integers(0, len(content) - 1))
        end = part.draw(st.integers(start, len(content)))
    stocked.reset()
    for setting, value in weather.hub.items():
        setattr(stocked.hub.settings, setting, value)

    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, name)
        stocked.hub.set_faults(*weather.rules, latency_ms=weather.latency_ms, seed=weather.seed)
        outcome = await read(reader, name, start, end, plain=plain)
        assert file.size == len(content)
        if outcome.problem is None:
            assert outcome.content == content[start:end]
        else:
            assert len(outcome.content) < end - start
            assert is_damaging or content[start:end].startswith(outcome.content)

    stocked.run(test, retries=impatient(4), limits=Limits(patience=5.0, stall_seconds=0.3), seconds=25)


@pytest.mark.parametrize("moment", range(6))
def test_a_reader_that_is_closed_ends_its_streams(stocked: Stocked, moment: int) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(megabytes_per_second=20, latency_ms=5)
        file = await reader.resolve(REPOSITORY, "large.bin")
        reading = asyncio.create_task(collect(reader.stream(file)))
        await asyncio.sleep(0.02 * moment)
        await reader.close()
        outcome = await reading
        assert outcome.problem is not None
        assert len(outcome.content) < file.size

    stocked.run(test, seconds=10)
