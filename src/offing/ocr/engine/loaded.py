"""The networks of a reader: each model set loaded at its first use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from offing.ocr.engine import models
from offing.ocr.engine.crew import Crew
from offing.ocr.engine.detection import Detector
from offing.ocr.engine.models import ModelSet
from offing.ocr.engine.options import Quality
from offing.ocr.engine.orientation import Orienter
from offing.ocr.engine.reading import LineReader
from offing.ocr.engine.recognition import Recognizer
from offing.ocr.engine.runtime import Network, Runtime

SETS: dict[Quality, str] = {
    "accurate": "pp-ocrv6-small",
    "balanced": "pp-ocrv6-tiny",
    "fast": "pp-ocrv6-tiny",
}

LINE_KERNELS = 5000
"""Prepared kernels kept for reading lines: enough for each of their widths. With too few, every change of
width prepares them anew, a fourth of a page's time; without a bound, new shapes add to memory for ever."""
PAGE_KERNELS = 600
"""The same for finding lines: enough for some twenty shapes of pages, 4 MB each. A page of a shape not
among the latest takes some hundredths of a second more."""


@dataclass(frozen=True)
class LoadedSet:
    """A model set at work."""

    detector: Detector
    lines: LineReader


class LoadedModels:
    """The networks that a reader shares among its calls."""

    def __init__(
        self, runtime: Runtime, crew: Crew, given: ModelSet | None, orientation: Path | None
    ) -> None:
        self._runtime, self._crew, self.given = runtime, crew, given
        self._loading = threading.Lock()
        self._sets: dict[str, LoadedSet] = {}
        size, file = crew.size, orientation or models.packaged_file(models.ORIENTATION)
        self.orienter = Orienter(runtime.load(file, threads=size, streams=size))

    def of(self, quality: Quality) -> LoadedSet:
        """What a quality begins with; given models serve every quality, loaded once."""
        if quality == "balanced" and self.given is None:
            # The tiny network misses whole lines, which no second look would find again.
            return LoadedSet(self.of("accurate").detector, self.of("fast").lines)
        name = self.given.name if self.given else SETS[quality]
        with self._loading:
            if name not in self._sets:
                self._sets[name] = self._loaded(self.given or models.packaged(name))
            return self._sets[name]

    def _loaded(self, chosen: ModelSet) -> LoadedSet:
        detection, recognition = chosen.detection, chosen.recognition
        size = self._crew.size
        loads: list[Callable[[], Network]] = [
            # Lines are many: each thread reads its own. A page is one: all threads look at it together, one
            # page after the other, as what the network keeps in mind of a large page takes 140 MB.
            partial(
                self._runtime.load,
                recognition.file,
                threads=size,
                streams=size,
                ranges=recognition.ranges,
                kernels=LINE_KERNELS,
            ),
            partial(self._runtime.load, detection.file, threads=size, kernels=PAGE_KERNELS),
        ]
        reads, detects = self._crew.map(lambda load: load(), loads)
        recognizer = Recognizer(reads, recognition, chosen.name)
        return LoadedSet(Detector(detects, detection.normalisation), LineReader(recognizer, self._crew))
