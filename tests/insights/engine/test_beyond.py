"""All metrics at once: names, order, sizes, invariances and the documented example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given

from offing.insights.engine.beyond import METRICS, measure
from offing.insights.engine.names import BEYOND_V1
from offing.insights.engine.pixels import Pixels
from tests.insights.engine.pictures import Samples, evening, photograph, pictures, steady

PAGE = Path(__file__).parents[3] / "docs" / "insights-metrics.md"

EVERYTHING = frozenset(METRICS)
OF_PLACE = {"thumbhash", "blurhash", "phash"}
"""The metrics that say where in the image something is."""


def plain(samples: Samples) -> Any:
    """All metrics as a client reads them."""
    return json.loads(msgspec.json.encode(measure(Pixels(samples), EVERYTHING)))


def test_the_table_holds_the_named_metrics_in_the_order_of_the_answer() -> None:
    assert tuple(METRICS) == BEYOND_V1


def test_what_is_asked_for_comes_in_the_order_of_the_table() -> None:
    asked = {"phash", "tone", "brightness", "contrast"}
    assert list(measure(Pixels(photograph(1, 5, 5)), asked)) == ["contrast", "tone", "phash"]


def test_nothing_asked_for_is_nothing_measured() -> None:
    assert measure(Pixels(photograph(1, 5, 5)), frozenset()) == {}


@pytest.mark.parametrize("height", [1, 2, 3, 101, 512])
@pytest.mark.parametrize("width", [1, 2, 3, 101, 512])
def test_every_size_can_be_measured(height: int, width: int) -> None:
    assert plain(photograph(7, height, width)).keys() == METRICS.keys()


@steady
@given(pictures())
def test_mirrored_and_turned_an_image_keeps_all_but_its_hashes(samples: Samples) -> None:
    expected = {name: value for name, value in plain(samples).items() if name not in OF_PLACE}
    for other in (samples[::-1], samples[:, ::-1], np.rot90(samples), np.swapaxes(samples, 0, 1)):
        assert {name: value for name, value in plain(other).items() if name not in OF_PLACE} == expected


@steady
@given(pictures())
def test_the_memory_layout_and_the_number_of_channels_make_no_difference(samples: Samples) -> None:
    rgb = Pixels(samples).rgb
    with_padding = np.full((*rgb.shape[:2], 4), 9, dtype=np.uint8)
    with_padding[..., :3] = rgb
    expected = plain(samples)
    assert plain(np.ascontiguousarray(rgb)) == expected
    assert plain(with_padding[..., :3]) == expected


@steady
@given(pictures())
def test_the_image_is_only_read(samples: Samples) -> None:
    before = samples.copy()
    samples.setflags(write=False)
    assert plain(samples) == plain(samples)
    assert np.array_equal(samples, before)


def test_the_documented_example_is_what_is_measured() -> None:
    block = PAGE.read_text(encoding="utf-8").split("```json\n", 1)[1].split("```", 1)[0]
    assert plain(evening()) == json.loads(block)


def test_every_metric_has_its_section_on_the_page() -> None:
    headings = {
        line.removeprefix("### ").strip("`")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line[:4] == "### "
    }
    assert set(METRICS) <= headings
