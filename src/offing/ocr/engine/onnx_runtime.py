"""onnxruntime on the processor, where OpenVINO has no build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnxruntime  # type: ignore[import-untyped]

from offing.ocr.engine.precision import Precision
from offing.ocr.engine.ranges import Ranges
from offing.ocr.engine.runtime import Description, Tensor, Unreadable


class OnnxNetwork:
    """A session; onnxruntime lets any number of threads call one."""

    raw_scores = False

    def __init__(self, file: Path, threads: int, streams: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, threads // streams)
        options.inter_op_num_threads = 1
        # A thread that spins while it waits takes the processor from another page.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def infer(self, tensor: Tensor) -> Tensor:
        """The first output."""
        answer: Tensor = self._session.run(None, {self._input: tensor})[0]
        return answer


class OnnxRuntime:
    """Loads ONNX files, in single precision."""

    name = "onnxruntime"
    precision: Precision = "f32"

    def __init__(self) -> None:
        self.version = str(onnxruntime.__version__)

    def load(
        self,
        file: Path,
        *,
        threads: int,
        streams: int = 1,
        ranges: Ranges | None = None,
        kernels: int = 0,
    ) -> OnnxNetwork:
        """Open a session. A call of several streams runs on its caller's thread."""
        del ranges, kernels  # there is one precision, and nothing is prepared for a shape
        return OnnxNetwork(file, threads, streams)

    def describe(self, file: Path) -> Description:
        """What an ONNX file says of its network."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no class in common
            raise Unreadable from error
        listed = session.get_modelmeta().custom_metadata_map.get("character", "")
        height = _side(session.get_inputs()[0].shape, 2)
        classes = _side(session.get_outputs()[0].shape, -1)
        return Description(height, classes, tuple(listed.split("\n")) if listed else ())


def _side(shape: Sequence[int | str], axis: int) -> int | None:
    side = shape[axis] if len(shape) > abs(axis) else None
    return side if isinstance(side, int) else None


def open_runtime(precision: str) -> OnnxRuntime:  # noqa: ARG001  there is one precision
    """The runtime; it computes in single precision."""
    return OnnxRuntime()
