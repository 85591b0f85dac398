"""The end of a detection network: rewritten, it gives the same map; what ends in another way stays."""

from __future__ import annotations

import numpy as np
import pytest

openvino = pytest.importorskip("openvino")

from offing.ocr.engine import models  # noqa: E402  it needs what is checked above
from offing.ocr.engine.map_head import shorten  # noqa: E402
from offing.ocr.engine.openvino_runtime import without_squashing  # noqa: E402
from offing.ocr.engine.runtime import Tensor  # noqa: E402

PAGE = np.random.default_rng(11).uniform(-1, 1, (1, 3, 96, 160)).astype(np.float32)


def scored(file: str) -> object:
    """A packaged network, up to its scores."""
    model, _ = without_squashing(openvino.Core().read_model(models.packaged_file(file)))
    return model


def answer(model: object) -> Tensor:
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(compiled(PAGE)[0])


def types(model: object) -> list[str]:
    return [node.get_type_name() for node in model.get_ops()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["pp-ocrv6-small", "pp-ocrv6-tiny"])
def test_the_map_is_the_same_without_transposed_convolutions(name: str) -> None:
    file = models.PACKAGED[name].detection
    usual = answer(scored(file))
    shortened = shorten(scored(file))
    assert "ConvolutionBackpropData" not in types(shortened)
    assert answer(shortened) == pytest.approx(usual, rel=1e-3, abs=1e-3 * float(np.abs(usual).max()))


@pytest.mark.parametrize(
    "file", [models.ORIENTATION, "ppocrv6/tiny/rec/rec.onnx", models.PACKAGED["pp-ocrv5-mobile"].detection]
)
def test_a_network_that_ends_in_another_way_stays_as_it_is(file: str) -> None:
    model = scored(file)
    assert shorten(model) is model


def test_an_end_with_another_stride_stays_as_it_is() -> None:
    model = scored(models.PACKAGED["pp-ocrv6-tiny"].detection)
    last = model.outputs[0].get_node().input_value(0).get_node().input_value(0).get_node()  # type: ignore[attr-defined]
    assert last.get_type_name() == "ConvolutionBackpropData"
    last.set_attribute("strides", [1, 1])
    model.validate_nodes_and_infer_types()  # type: ignore[attr-defined]
    assert shorten(model) is model
