"""The engine's numbers are those of the written contract, to the last digit."""

from __future__ import annotations

from itertools import combinations

import msgspec
import pytest

from offing.insights import Options, analyze
from tests.insights import oracle
from tests.insights.images import Sample, flat, samples

EVERY_METRIC = oracle.METRICS
SUBSETS = [chosen for count in (1, 2, 3) for chosen in combinations(EVERY_METRIC, count)]


def read(
    data: bytes, metrics: tuple[str, ...] = EVERY_METRIC, edge_mode: oracle.EdgeMode | None = None
) -> dict[str, object]:
    answer = analyze(data, Options(metrics=metrics, edge_mode=edge_mode))
    fields: dict[str, object] = msgspec.to_builtins(answer)
    return fields


def percents(data: bytes) -> dict[str, float]:
    buckets = analyze(data, Options(metrics=("histogram",))).histogram
    return {each["range"]: each["percent"] for each in msgspec.to_builtins(buckets) if each["percent"]}


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: sample.name)
def test_every_field_equals_the_contract(sample: Sample) -> None:
    data = sample.make()
    for edge_mode, expected in oracle.read_every_edge(data).items():
        found = read(data, edge_mode=edge_mode)
        assert found == expected
        assert list(found) == list(expected)


@pytest.mark.parametrize("edge_mode", oracle.EDGE_MODES)
@pytest.mark.parametrize("metrics", SUBSETS, ids="+".join)
def test_only_the_metrics_asked_for_are_answered_in_the_contracts_order(
    metrics: tuple[str, ...], edge_mode: oracle.EdgeMode | None
) -> None:
    data = flat((10, 200, 30), (40, 30))
    for asked in (metrics, metrics[::-1]):
        found = read(data, asked, edge_mode)
        assert list(found.items()) == list(oracle.read(data, metrics, edge_mode).items())


def test_brightness_alone_is_the_default() -> None:
    data = flat((10, 20, 30), (4, 4))
    assert msgspec.to_builtins(analyze(data)) == {
        "brightness_score": 7,
        "average_luminance": 18.6,
        "width": 4,
        "height": 4,
        "algorithm": "rec709",
    }


@pytest.mark.parametrize(
    ("gray", "expected"),
    [
        (25, {"0-24": 100.0, "25-50": 100.0}),
        (76, {"51-75": 100.0, "76-101": 100.0}),
        (153, {"128-152": 100.0, "153-178": 100.0}),
        (51, {"25-50": 100.0}),
        (102, {"76-101": 100.0}),
        (128, {"128-152": 100.0}),
        (179, {"153-178": 100.0}),
        (204, {"179-203": 100.0}),
        (230, {"204-229": 100.0}),
        (255, {"230-255": 100.0}),
    ],
)
def test_bucket_bounds_overlap_and_follow_the_floating_point_sum(
    gray: int, expected: dict[str, float]
) -> None:
    assert percents(flat((gray, gray, gray), (3, 3))) == expected


def test_the_answer_holds_plain_numbers() -> None:
    found = read(flat((1, 2, 3)), edge_mode="all")
    assert type(found["brightness_score"]) is int
    assert type(found["edge_brightness_score"]) is int
    assert all(type(found[name]) is float for name in found if name.endswith("luminance"))
