"""The end of a detection network in fewer steps: the same map, at two thirds of what these layers took.

DB (Liao et al. 2020, section 3.2) ends with two transposed convolutions, each of which doubles the map's
sides. They move by as many pixels as they are wide, so each pixel of the map depends on one pixel of what
goes in: both are products of its channels, and the pixels are put in their places at the very end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino  # type: ignore[import-untyped]
from openvino import opset13 as ops

from offing.ocr.engine.runtime import Tensor

TYPES = ("Add", "ConvolutionBackpropData", "Relu", "Add", "ConvolutionBackpropData")
"""What the network ends with, from its end."""
DOUBLES = {"strides": [2, 2], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}
WITHOUT_SHAPE = 2
"""Inputs of a transposed convolution that is not told its answer's shape."""
PARTS = 4
"""Pixels that one becomes where both sides are doubled: top left, top right, bottom left, bottom right."""


def shorten(model: openvino.Model) -> openvino.Model:
    """The model with another end, or as it is where it ends in another way."""
    nodes = _end(model)
    if nodes is None:
        return model
    last_shift, last, _, first_shift, first = nodes
    weights, last_weights = _values(first), _values(last)
    channels, inner = weights.shape[:2]
    # Each of the four pixels is a group of channels that goes its own way from here.
    widened = weights.transpose(2, 3, 1, 0).reshape(PARTS * inner, channels)
    shifts = np.tile(_values(first_shift).ravel(), PARTS).reshape(1, -1, 1, 1)
    inside = ops.relu(ops.add(_product(first.input_value(0), widened), _constant(shifts)))
    each = last_weights[:, 0].transpose(1, 2, 0).reshape(PARTS, inner)
    apart = np.kron(np.eye(PARTS, dtype=np.float32), each)
    # From (row, column) of the first doubling and of the second to the row and the column of both.
    order = np.arange(PARTS * PARTS).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).ravel()
    pixels = ops.add(
        _product(inside.output(0), apart[order]), _constant(_values(last_shift).reshape(1, 1, 1, 1))
    )
    whole = ops.depth_to_space(pixels, "blocks_first", PARTS)
    return openvino.Model([whole.output(0)], model.get_parameters(), model.get_friendly_name())


def _end(model: openvino.Model) -> list[Any] | None:
    """The last nodes, from the end, where they are those of the paper with a single channel at the end."""
    nodes, output = [], model.outputs[0].get_node().input_value(0)
    for kind in TYPES:
        node = output.get_node()
        if node.get_type_name() != kind or len(output.get_target_inputs()) != 1:
            return None
        nodes.append(node)
        output = node.input_value(0)
    last_shift, last, _, first_shift, first = nodes
    if not all(_is_constant(each) for each in (last_shift, last, first_shift, first)):
        return None
    fits = _doubles(first) and _doubles(last) and _values(last).shape[1] == 1
    return nodes if fits and _values(first_shift).size == _values(first).shape[1] else None


def _doubles(node: openvino.Node) -> bool:
    """Whether a transposed convolution makes two by two pixels of one, without overlap."""
    told = node.get_attributes()
    return (
        node.get_input_size() == WITHOUT_SHAPE
        and _values(node).shape[2:] == (2, 2)
        and all(list(told[name]) == value for name, value in DOUBLES.items())
    )


def _product(source: openvino.Output, weights: Tensor) -> openvino.Node:
    """A convolution of one pixel by one; ``weights``: (channels out, channels in)."""
    return ops.convolution(source, _constant(weights[:, :, None, None]), [1, 1], [0, 0], [0, 0], [1, 1])


def _is_constant(node: openvino.Node) -> bool:
    return str(node.input_value(1).get_node().get_type_name()) == "Constant"


def _values(node: openvino.Node) -> Tensor:
    """The constant that a node multiplies with or adds."""
    return np.asarray(node.input_value(1).get_node().get_data(), np.float32)


def _constant(values: Tensor) -> openvino.Node:
    return ops.constant(np.ascontiguousarray(values, np.float32))
