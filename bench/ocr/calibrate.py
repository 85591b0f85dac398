"""Measure the ranges that eight-bit arithmetic rounds by: ``python -m bench.ocr.calibrate``.

Reads the project's own samples with every packaged network in single precision, notes the least and the
greatest value that goes into each layer for each input, and keeps their means over all inputs: a single
outlier does not cost every other value its precision. To be run again when a packaged network changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import openvino  # type: ignore[import-untyped]
from PIL import Image

from offing.ocr import Reader
from offing.ocr.engine import models
from offing.ocr.engine.int8 import layers
from offing.ocr.engine.openvino_runtime import OpenVinoNetwork, OpenVinoRuntime, without_squashing
from offing.ocr.engine.ranges import FILE, Ranges
from offing.ocr.engine.runtime import Network, Tensor
from tests.ocr.samples import samples

NETWORKS = ("ppocrv6/small/rec/rec.onnx",)
"""Those that gain. Detection and page orientation are bound by memory (bfloat16 takes within a tenth of the
same time), and the tiny recognition network loses .006 of word-F1 on complex pages."""
DIGITS = 5
Seen = dict[str, list[tuple[float, float]]]


class Measuring:
    """A network that notes what goes into its layers."""

    def __init__(self, network: OpenVinoNetwork, model: openvino.Model, seen: Seen) -> None:
        self._network, self.raw_scores, self._seen = network, network.raw_scores, seen
        found = list(layers(model))
        self._names = [each.get_friendly_name() for each in found]
        inside = openvino.Model([each.input_value(0) for each in found], model.get_parameters(), "layers")
        self._inside = openvino.compile_model(inside, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def infer(self, tensor: Tensor) -> Tensor:
        """The network's answer."""
        answers = self._inside(tensor)
        for place, name in enumerate(self._names):
            values = answers[place]
            self._seen.setdefault(name, []).append((float(values.min()), float(values.max())))
        return self._network.infer(tensor)


class MeasuringRuntime(OpenVinoRuntime):
    """Loads networks that note what goes into their layers."""

    def __init__(self) -> None:
        super().__init__("f32")
        self.seen: dict[Path, Seen] = {}

    def load(
        self,
        file: Path,
        *,
        threads: int,
        streams: int = 1,
        ranges: Ranges | None = None,
        kernels: int = 1000,
    ) -> Any:
        """The network; of one that is measured, beside it one that ends at every layer's input."""
        del ranges
        network = super().load(file, threads=threads, streams=streams, kernels=kernels)
        if file not in map(models.packaged_file, NETWORKS):
            return network
        model, _ = without_squashing(openvino.Core().read_model(file))
        measuring: Network = Measuring(network, model, self.seen.setdefault(file, {}))
        return measuring


def pages() -> Iterator[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Every sample that is an image, (height, width, 3)."""
    for sample in samples():
        if sample.group != "documents":
            with Image.open(sample.path) as image:
                yield np.asarray(image.convert("RGB"))


def written(kept: Mapping[str, Mapping[str, list[float]]]) -> Iterator[str]:
    """JSON, a layer a line."""
    for place, (name, ranges) in enumerate(kept.items()):
        yield ("," if place else "{") + f'\n "{name}": {{\n'
        yield ",\n".join(f'  "{layer}": [{low}, {high}]' for layer, (low, high) in ranges.items())
        yield "\n }"
    yield "\n}\n"


def main() -> None:
    """Measure, and write the file that the engine reads."""
    runtime = MeasuringRuntime()
    reader = Reader(runtime=runtime, threads=1)
    for page in pages():
        reader.read(page)
    kept = {
        name: {
            layer: [float(f"{fmean(side):.{DIGITS}g}") for side in zip(*values, strict=True)]
            for layer, values in runtime.seen[models.packaged_file(name)].items()
        }
        for name in NETWORKS
    }
    FILE.write_text("".join(written(kept)), encoding="utf-8")
    print(f"{FILE.name}: {sum(map(len, kept.values()))} layers of {len(kept)} networks")


if __name__ == "__main__":
    main()
