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
from offing.ocr.engine.ranges import Ranges
from offing.ocr.engine.reading import Found, LineReader
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.recognition import Recognizer
from offing.ocr.engine.runtime import Network, Runtime, RuntimeName, open_runtime
from offing.ocr.engine.scripts import ScriptRouter
from offing.ocr.engine.turning import Eyes, View, upright

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
        runtime: RuntimeName | Runtime | None = None,
        threads: int | None = None,
        scripts: ScriptRouter | None = None,
    ) -> None:
        self.runtime: Runtime = (
            open_runtime(runtime or "auto") if runtime is None or isinstance(runtime, str) else runtime
        )
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
        loaded = self._set(SETS[options.quality])

        def look(turned: int) -> View:
            seen = undo(pixels, turned)
            boxes = self._detect(loaded.detector, seen, options, has_left)
            found = loaded.lines.read(seen, boxes, has_left, alone=self._is_alone())
            if options.quality == "balanced" and self._given is None:
                found = self._again(seen, boxes, found, has_left)
            if has_left():
                raise Left
            return View(turned, seen, boxes, found)

        def glance(view: View, boxes: Sequence[Corners]) -> Sequence[Found]:
            return loaded.lines.read(view.pixels, boxes, has_left, alone=self._is_alone())

        def reread(view: View, *, thorough: bool) -> list[Recognised]:
            quads = np.array(view.boxes, np.float32).reshape(-1, 4, 2)
            return self._scripts.reread(view.pixels, quads, view.read, language, thorough=thorough)

        if options.orientation == "auto":
            eyes = Eyes(look, glance, reread, searches=language is None)
            view, read = upright(eyes, self._turn(pixels, has_left))
        else:
            view = look(int(options.orientation))
            read = reread(view, thorough=True)
        lines = [
            line_of(corners, each, way)
            for corners, each, (_, way) in zip(view.boxes, read, view.found, strict=True)
            if each.text and each.confidence >= options.min_confidence
        ]
        height, width = view.pixels.shape[:2]
        blocks, skew = arrange(lines, width, height)
        return laid(Page(width, height, blocks, skew=skew), view.turned)

    def _turn(self, pixels: Pixels, has_left: Callable[[], bool]) -> int:
        (turned,) = self._crew.map(self._orienter.turn, [pixels], has_left)
        return turned

    def _detect(
        self, detector: Detector, pixels: Pixels, options: ReadOptions, has_left: Callable[[], bool]
    ) -> list[Corners]:
        """A page alone uses every thread; beside others it takes its turn on one."""
        if self._is_alone():
            return detector.find(pixels, side_limit=options.side_limit, alone=True)
        (boxes,) = self._crew.map(
            lambda page: detector.find(page, side_limit=options.side_limit, alone=False), [pixels], has_left
        )
        return boxes

    def _is_alone(self) -> bool:
        return self._pages == 1

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
        better = larger.read(pixels, [boxes[place] for place in doubtful], has_left, alone=self._is_alone())
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
        detection, recognition = chosen.detection, chosen.recognition
        files = [(recognition.file, recognition.ranges), (detection.file, None)]
        reads, detects = self._crew.map(self._load_twice, files)
        recognizer = Recognizer(*reads, recognition, chosen.name)
        return _Loaded(Detector(*detects, detection.normalisation), LineReader(recognizer, self._crew))

    def _load_twice(self, chosen: tuple[Path, Ranges | None]) -> tuple[Network, Network]:
        """A network that works with all threads on one call, and one that works on as many calls."""
        shared = self._load(*chosen)
        return shared.for_one_call() if self._crew.size > 1 else shared, shared

    def _load(self, file: Path, ranges: Ranges | None = None) -> Network:
        return self.runtime.load(file, threads=self._crew.size, streams=self._crew.size, ranges=ranges)
