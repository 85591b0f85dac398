"""OpenVINO on the processor: the arithmetic that it does fastest, threads as told, nothing pinned."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import openvino  # type: ignore[import-untyped]

from offing.ocr.engine.int8 import quantise
from offing.ocr.engine.map_head import shorten
from offing.ocr.engine.precision import Precision, best, processor_flags
from offing.ocr.engine.ranges import Ranges
from offing.ocr.engine.runtime import Description, Tensor, Unreadable

CHARACTERS = ["framework", "character"]
"""Where OpenVINO keeps what an ONNX file lists under ``character``."""
SQUASHING = frozenset({"Softmax", "Sigmoid"})
"""Last layers that make probabilities of scores, in their order. Over a whole map or alphabet they cost a
tenth of a network; only few of their values are ever looked at."""

# OpenVINO's table of NumPy's types is made at its first use, and two threads whose first use it is wait for
# each other without end, one for the table, one for the interpreter: networks are loaded side by side.
openvino.Type.f32.to_dtype()


class OpenVinoNetwork:
    """A compiled network; every thread has a request of its own."""

    def __init__(self, compiled: openvino.CompiledModel, *, raw_scores: bool) -> None:
        self._compiled = compiled
        self._requests = threading.local()
        self.raw_scores = raw_scores

    def infer(self, tensor: Tensor) -> Tensor:
        """The first output; the same thread's next call overwrites it."""
        request = getattr(self._requests, "request", None)
        if request is None:
            request = self._requests.request = self._compiled.create_infer_request()
        request.infer({0: tensor}, share_inputs=True)
        answer: Tensor = request.get_output_tensor(0).data
        return answer


class OpenVinoRuntime:
    """Loads ONNX, OpenVINO and PaddlePaddle files."""

    name = "openvino"

    def __init__(self, precision: Precision | Literal["auto"]) -> None:
        self._core = openvino.Core()
        self.version = str(openvino.get_version()).split("-", maxsplit=1)[0]
        self.precision: Precision = best(processor_flags()) if precision == "auto" else precision

    def load(
        self,
        file: Path,
        *,
        threads: int,
        streams: int = 1,
        ranges: Ranges | None = None,
        kernels: int = 1000,
    ) -> OpenVinoNetwork:
        """Compile a network; what makes probabilities of its scores is cut off."""
        model, cut = without_squashing(self._core.read_model(file))
        model = shorten(model)
        floating = self.precision
        if floating == "int8":
            quantise(model, ranges or {})
            # What is left beside the integers is too little to gain from rounding it, too.
            floating = "f32" if ranges or not self._multiplies_in_bf16() else "bf16"
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
            "INFERENCE_PRECISION_HINT": floating,
            # Pinned, two streams may sit on the same core.
            "ENABLE_CPU_PINNING": False,
            "CPU_RUNTIME_CACHE_CAPACITY": kernels,
        }
        compiled = self._core.compile_model(model, "CPU", settings)
        return OpenVinoNetwork(compiled, raw_scores=cut)

    def _multiplies_in_bf16(self) -> bool:
        return "BF16" in self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")

    def describe(self, file: Path) -> Description:
        """What an ONNX, OpenVINO or PaddlePaddle file says of its network."""
        try:
            model = self._core.read_model(file)
        except RuntimeError as error:
            raise Unreadable from error
        listed = model.get_rt_info(CHARACTERS).astype(str) if model.has_rt_info(CHARACTERS) else ""
        height = _side(model.inputs[0].partial_shape, 2)
        classes = _side(model.outputs[0].partial_shape, -1)
        return Description(height, classes, tuple(listed.split("\n")) if listed else ())


def open_runtime(precision: Precision | Literal["auto"]) -> OpenVinoRuntime:
    """The runtime at a precision, or at the one that this processor is fastest with."""
    return OpenVinoRuntime(precision)


def _side(shape: openvino.PartialShape, axis: int) -> int | None:
    if shape.rank.is_dynamic or len(shape) <= abs(axis) or shape[axis].is_dynamic:
        return None
    return int(shape[axis].get_length())


def without_squashing(model: openvino.Model) -> tuple[openvino.Model, bool]:
    """The model up to a last softmax or sigmoid, and whether there was one."""
    last = model.outputs[0].get_node().input_value(0)
    if last.get_node().get_type_name() not in SQUASHING:
        return model, False
    return openvino.Model([last.get_node().input_value(0)], model.get_parameters(), "scores"), True
