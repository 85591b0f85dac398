"""Eight-bit arithmetic: which layers it covers, and what its levels hold exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

openvino = pytest.importorskip("openvino")

from offing.ocr.engine import models  # noqa: E402  it needs what is checked above
from offing.ocr.engine.int8 import LEVELS, layers, quantise, with_zero  # noqa: E402
from offing.ocr.engine.ranges import measured  # noqa: E402

EDGES = st.floats(0.001, 1000)


@given(below=EDGES, above=EDGES)
def test_zero_is_a_level_of_every_range_that_spans_it_and_nothing_is_cut_off(
    below: float, above: float
) -> None:
    low, high = with_zero(-below, above)
    step = (high - low) / (LEVELS - 1)
    assert low / step == pytest.approx(round(low / step), abs=1e-6)
    assert low <= -below * (1 - 1e-9)
    assert high >= above * (1 - 1e-9)


@given(edge=EDGES)
def test_a_range_on_one_side_of_zero_begins_at_zero(edge: float) -> None:
    assert with_zero(edge, 2 * edge) == (0.0, 2 * edge)
    assert with_zero(-2 * edge, -edge) == (-2 * edge, 0.0)


@pytest.mark.parametrize("name", measured())
def test_the_ranges_of_a_network_are_those_of_its_layers(name: str) -> None:
    model = openvino.Core().read_model(models.packaged_file(name))
    assert {each.get_friendly_name() for each in layers(model)} == set(measured()[name])


def test_only_layers_with_ranges_are_marked_up() -> None:
    model = openvino.Core().read_model(models.packaged_file("ppocrv6/tiny/rec/rec.onnx"))
    before = rounded(model)
    quantise(model, {})
    assert rounded(model) == before
    quantise(model, {"Conv.0": (-1.0, 1.0)})
    assert rounded(model) == before + 2  # what goes in, and the weights


def rounded(model: object) -> int:
    """How many places of a model round."""
    return sum(node.get_type_name() == "FakeQuantize" for node in model.get_ops())  # type: ignore[attr-defined]
