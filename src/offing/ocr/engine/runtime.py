"""What runs a network: OpenVINO where it is installed, onnxruntime where not (arm64, macOS)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.precision import Precision
from offing.ocr.engine.ranges import Ranges

Tensor = NDArray[np.float32]
RuntimeName = Literal["openvino", "onnxruntime"]
PREFERENCE: tuple[RuntimeName, ...] = ("openvino", "onnxruntime")


class RuntimeMissing(Exception):  # noqa: N818  it reads as what is the case
    """Neither runtime is installed."""


class Unreadable(Exception):  # noqa: N818  it reads as what is the case
    """A file is no network that the runtime reads, or not whole."""


@dataclass(frozen=True)
class Description:
    """What the file of a network says of it; None where it leaves that open."""

    height: int | None
    """Of the images that go in, in pixels."""
    classes: int | None
    """The last side of what comes out."""
    characters: tuple[str, ...] = ()
    """The classes of a recognition network from class 1, where the file lists them."""


class Network(Protocol):
    """A loaded network. Its answer is the same bit for bit whatever else runs beside it."""

    raw_scores: bool
    """Whether scores come before the softmax or sigmoid that makes probabilities of them."""

    def infer(self, tensor: Tensor) -> Tensor:
        """The first output for the one input; safe to call from any thread.

        The answer may be overwritten by the same thread's next call.
        """


class Runtime(Protocol):
    """A library that loads networks."""

    name: str
    version: str
    precision: Precision
    """The arithmetic of networks whose ranges are known; others have floating point."""

    def load(
        self,
        file: Path,
        *,
        threads: int,
        streams: int = 1,
        ranges: Ranges | None = None,
        kernels: int = 1000,
    ) -> Network:
        """Load a network that may use ``threads`` threads for ``streams`` calls at once.

        ``ranges`` are those of its layers, for eight-bit arithmetic. ``kernels`` is how many prepared
        kernels are kept, one for each layer and shape of input, where the runtime prepares any.
        """

    def describe(self, file: Path) -> Description:
        """What a file says of its network. Raises :class:`Unreadable`."""


def available() -> tuple[RuntimeName, ...]:
    """The runtimes that are installed here, the preferred one first."""
    return tuple(name for name in PREFERENCE if find_spec(name) is not None)


def open_runtime(
    name: RuntimeName | Literal["auto"] = "auto", precision: Precision | Literal["auto"] = "auto"
) -> Runtime:
    """The named runtime, or the preferred one, with the fastest arithmetic or a named one.

    Raises :class:`RuntimeMissing`.
    """
    names = available()
    if name != "auto":
        names = (name,) if name in names else ()
    if not names:
        raise RuntimeMissing
    module: Any
    if names[0] == "openvino":
        from offing.ocr.engine import openvino_runtime as module
    else:
        from offing.ocr.engine import onnx_runtime as module
    opened: Runtime = module.open_runtime(precision)
    return opened
