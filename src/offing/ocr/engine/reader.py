"""The reader: an upright page, its boxes, their lines, in reading order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from offing.kernel.processors import available
from offing.ocr.engine import models
from offing.ocr.engine.crew import Crew, Left
from offing.ocr.engine.crops import Corners, Pixels, checked
from offing.ocr.engine.detection import Detector
from offing.ocr.engine.layout import arrange
from offing.ocr.engine.lines import line_of
from offing.ocr.engine.models import ModelSet
from offing.ocr.engine.options import Quality, ReadOptions
from offing.ocr.engine.orientation import Orienter, undo
from offing.ocr.engine.page import Page, laid
from offing.ocr.engine.reading import LineReader
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.recognition import Recognizer
from offing.ocr.engine.runtime import Network, Runtime, RuntimeName, open_runtime
from offing.ocr.engine.scripts import ScriptRouter

SETS: dict[Quality, str] = {
    "accurate": "pp-ocrv6-small",
    "balanced": "pp-ocrv6-tiny",
    "fast": "pp-ocrv6-tiny",
}
DOUBTFUL = 0.95
"""Quality ``balanced`` reads lines below this confidence again with the larger models."""


def nobody_left() -> bool:
    """Whoever asks waits for the answer."""
    return False


@dataclass(frozen=True)
class _Loaded:
    """A model set at work."""

    detector: Detector
    lines: LineReader


class Reader:
    """Reads pages. Built once, used from any thread; no call changes what another gets.

    ``given`` replaces the packaged models of every quality, ``orientation`` the one that finds a page's
    quarter turns; ``threads`` defaults to the processors that this process may use (a container's quota
    counts). Raises ``ModelsMissing`` and ``RuntimeMissing``.
    """

    def __init__(
        self,
        *,
        quality: Quality = "accurate",
        given: ModelSet | None = None,
        orientation: Path | None = None,
        runtime: RuntimeName | None = None,
        threads: int | None = None,
        scripts: ScriptRouter | None = None,
    ) -> None:
        self.runtime: Runtime = open_runtime(runtime or "auto")
        self._given = given
        self._crew = Crew(threads or available())
        self._pages = 0
        self._counting = threading.Lock()
        self._loading = threading.Lock()
        self._sets: dict[str, _Loaded] = {}
        self._scripts = scripts or ScriptRouter()
        self._orienter = Orienter(self._load(orientation or models.packaged_file(models.ORIENTATION)))
        self._set(SETS[quality])

    @property
    def threads(self) -> int:
        """How many threads work."""
        return self._crew.size

    def read(
        self,
        pixels: Pixels,
        options: ReadOptions | None = None,
        *,
        has_left: Callable[[], bool] = nobody_left,
    ) -> Page:
        """Read a page: (height, width, 3) of uint8, red, green, blue.

        Raises ``ValueError`` for another shape or type, ``UnknownLanguage`` and ``LanguageNotInstalled``;
        :class:`Left` soon after ``has_left`` turns true.
        """
        options = options or ReadOptions()
        pixels = checked(pixels)
        with self._counting:
            self._pages += 1
        try:
            return self._read(pixels, options, has_left)
        finally:
            with self._counting:
                self._pages -= 1

    def close(self) -> None:
        """End the threads."""
        self._crew.close()

    def _read(self, pixels: Pixels, options: ReadOptions, has_left: Callable[[], bool]) -> Page:
        language = self._scripts.find(options.language)
        turned = self._turn(pixels, options, has_left)
        upright = undo(pixels, turned)
        loaded = self._set(SETS[options.quality])
        boxes = self._detect(loaded.detector, upright, options, has_left)
        found = loaded.lines.read(upright, boxes, has_left)
        if options.quality == "balanced" and self._given is None:
            found = self._again(upright, boxes, found, has_left)
        if has_left():
            raise Left
        quads = np.array(boxes, np.float32).reshape(-1, 4, 2)
        read = self._scripts.reread(upright, quads, [each for each, _ in found], language)
        lines = [
            line_of(corners, each, way)
            for corners, each, (_, way) in zip(boxes, read, found, strict=True)
            if each.text and each.confidence >= options.min_confidence
        ]
        height, width = upright.shape[:2]
        blocks, skew = arrange(lines, width, height)
        return laid(Page(width, height, blocks, skew=skew), turned)

    def _turn(self, pixels: Pixels, options: ReadOptions, has_left: Callable[[], bool]) -> int:
        if options.orientation != "auto":
            return int(options.orientation)
        (turned,) = self._crew.map(self._orienter.turn, [pixels], has_left)
        return turned

    def _detect(
        self, detector: Detector, pixels: Pixels, options: ReadOptions, has_left: Callable[[], bool]
    ) -> list[Corners]:
        """A page alone uses every thread; beside others it takes its turn on one."""
        if self._pages == 1:
            return detector.find(pixels, side_limit=options.side_limit, alone=True)
        (boxes,) = self._crew.map(
            lambda page: detector.find(page, side_limit=options.side_limit, alone=False), [pixels], has_left
        )
        return boxes

    def _again(
        self,
        pixels: Pixels,
        boxes: Sequence[Corners],
        found: list[tuple[Recognised, int]],
        has_left: Callable[[], bool],
    ) -> list[tuple[Recognised, int]]:
        """The doubtful lines once more, with the larger models."""
        doubtful = [place for place, (each, _) in enumerate(found) if each.confidence < DOUBTFUL]
        larger = self._set(SETS["accurate"]).lines
        better = larger.read(pixels, [boxes[place] for place in doubtful], has_left)
        found = list(found)
        for place, each in zip(doubtful, better, strict=True):
            found[place] = each
        return found

    def _set(self, name: str) -> _Loaded:
        """A model set, loaded at its first use; given models serve every quality, loaded once."""
        name = self._given.name if self._given else name
        with self._loading:
            if name not in self._sets:
                self._sets[name] = self._loaded(self._given or models.packaged(name))
            return self._sets[name]

    def _loaded(self, chosen: ModelSet) -> _Loaded:
        detection = chosen.detection
        alone = self.runtime.load(detection.file, threads=self._crew.size)
        shared = self._load(detection.file) if self._crew.size > 1 else alone
        recognizer = Recognizer(
            self._load(chosen.recognition.file),
            chosen.recognition.characters,
            chosen.name,
            chosen.recognition.height,
        )
        return _Loaded(Detector(alone, shared, detection.normalisation), LineReader(recognizer, self._crew))

    def _load(self, file: Path) -> Network:
        return self.runtime.load(file, threads=self._crew.size, streams=self._crew.size)
