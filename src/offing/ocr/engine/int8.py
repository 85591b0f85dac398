"""Eight-bit integers for convolutions and matrix products, from ranges that were measured before.

A network's inputs to these layers are rounded to 256 levels between the least and the greatest value that
they took over sample pages, its weights to 255 levels a channel (Jacob et al. 2018, "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference"). OpenVINO turns a graph that
is marked up so into integer arithmetic. The ranges lie beside this module, by network and layer;
``python -m bench.ocr.calibrate`` measures them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino  # type: ignore[import-untyped]
from openvino import opset13 as ops

from offing.ocr.engine.ranges import Ranges
from offing.ocr.engine.runtime import Tensor

LEVELS, WEIGHT_LEVELS = 256, 255
LAYERS = ("Convolution", "MatMul")
"""Depthwise convolutions are left: they are bound by memory, and lose the most to rounding."""
LEAST = np.float32(1e-12)
"""A channel of zeros has a range, too."""


def layers(model: openvino.Model) -> Iterator[openvino.Node]:
    """The layers that can be quantised: those that multiply what goes in with constants."""
    for node in model.get_ordered_ops():
        if node.get_type_name() in LAYERS and _is_constant(node.input_value(1).get_node()):
            yield node


def quantise(model: openvino.Model, ranges: Ranges) -> None:
    """Mark up the layers that ``ranges`` names, in place."""
    marked: dict[tuple[str, int], openvino.Output] = {}
    for node in list(layers(model)):
        if node.get_friendly_name() not in ranges:
            continue
        source, weights = node.input_value(0), node.input_value(1)
        place = (source.get_node().get_friendly_name(), source.get_index())
        if place not in marked:
            low, high = with_zero(*ranges[node.get_friendly_name()])
            marked[place] = _rounded(source, low, high, LEVELS)
        node.input(0).replace_source_output(marked[place])
        most = _most(node)
        node.input(1).replace_source_output(_rounded(weights, -most, most, WEIGHT_LEVELS))


def with_zero(low: float, high: float) -> tuple[float, float]:
    """The range, widened until zero is one of its levels: padding and silence stay exact."""
    low, high = min(low, 0.0), max(high, 0.0)
    if not low < 0 < high:
        return low, high
    step = (high - low) / (LEVELS - 1)
    below = min(max(round(-low / step), 1), LEVELS - 2)
    step = max(-low / below, high / (LEVELS - 1 - below))
    return -below * step, (LEVELS - 1 - below) * step


def _rounded(values: openvino.Output, low: Any, high: Any, levels: int) -> openvino.Output:
    bounds = [ops.constant(np.asarray(each, np.float32)) for each in (low, high, low, high)]
    return ops.fake_quantize(values, *bounds, levels).output(0)


def _most(node: openvino.Node) -> Tensor:
    """The greatest weight of each output channel, in a shape that spreads over the weights."""
    weights = np.abs(np.asarray(node.input_value(1).get_node().get_data(), np.float32))
    if node.get_type_name() == "Convolution":
        axes = tuple(range(1, weights.ndim))
    else:
        axes = (weights.ndim - 1 if node.get_attributes()["transpose_b"] else weights.ndim - 2,)
    most: Tensor = np.maximum(weights.max(axis=axes, keepdims=True), LEAST)
    return most


def _is_constant(node: openvino.Node) -> bool:
    return str(node.get_type_name()) == "Constant"
