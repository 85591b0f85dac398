"""One page while it is read: looked at under a turn, its boxes found, read, and read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from offing.ocr.engine.crew import Crew, Left
from offing.ocr.engine.crops import Corners, Pixels, is_tall
from offing.ocr.engine.languages import Language
from offing.ocr.engine.loaded import LoadedModels
from offing.ocr.engine.options import ReadOptions
from offing.ocr.engine.orientation import undo
from offing.ocr.engine.reading import Found
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.scripts import ScriptRouter
from offing.ocr.engine.turning import Eyes, View, upright

SMALL = 400_000
"""Pixels of a page that is read about as fast as the orientation network looks at it."""
UPRIGHT = 0.9
"""Legibility by which a page stands upright, whatever the orientation network would say."""
DOUBTFUL = 0.97
"""Quality ``balanced`` reads lines below this confidence again with the larger models."""


class OnePage:
    """A page, the options of its call, and what reads it."""

    def __init__(
        self,
        pixels: Pixels,
        options: ReadOptions,
        language: Language | None,
        engine: tuple[LoadedModels, Crew, ScriptRouter],
        has_left: Callable[[], bool],
    ) -> None:
        self._pixels, self._options, self._language = pixels, options, language
        self._models, self._crew, self._scripts = engine
        self._has_left = has_left
        self._loaded = self._models.of(options.quality)
        self._boxes_as_stored: list[Corners] | None = None
        self._view_as_stored: View | None = None

    def read(self) -> tuple[View, list[Recognised]]:
        """The page upright, and what each of its boxes holds. Raises :class:`Left`."""
        if self._options.orientation != "auto":
            view = self._look(int(self._options.orientation))
            return view, self._reread(view, thorough=True)
        taken = self._taken()
        eyes = Eyes(self._look, self._glance, self._reread, searches=self._language is None)
        return upright(eyes, taken)

    def _taken(self) -> int:
        """How far the page is taken to be turned. What was seen of it on the way is kept."""
        height, width = self._pixels.shape[:2]
        if height * width > SMALL:
            turn = self._begin_turn()
            # Most pages are not turned: their boxes can be found meanwhile.
            self._boxes_as_stored = self._detect(self._pixels)
            return turn()[0]
        self._boxes_as_stored = self._detect(self._pixels)
        if any(map(is_tall, self._boxes_as_stored)):
            return self._begin_turn()()[0]
        self._view_as_stored = self._look(0)
        return 0 if self._view_as_stored.legibility() >= UPRIGHT else self._begin_turn()()[0]

    def _begin_turn(self) -> Callable[[], list[int]]:
        return self._crew.begin(self._models.orienter.turn, [self._pixels], self._has_left)

    def _look(self, turned: int) -> View:
        if turned == 0 and self._view_as_stored is not None:
            return self._view_as_stored
        seen = undo(self._pixels, turned)
        boxes = self._boxes_as_stored if turned == 0 else None
        if boxes is None:
            boxes = self._detect(seen)
        found = self._lines(seen, boxes)
        if self._options.quality == "balanced" and self._models.given is None:
            found = self._again(seen, boxes, found)
        if self._has_left():
            raise Left
        return View(turned, seen, boxes, found)

    def _glance(self, view: View, boxes: Sequence[Corners]) -> Sequence[Found]:
        return self._lines(view.pixels, boxes)

    def _reread(self, view: View, *, thorough: bool) -> list[Recognised]:
        quads = np.array(view.boxes, np.float32).reshape(-1, 4, 2)
        return self._scripts.reread(view.pixels, quads, view.read, self._language, thorough=thorough)

    def _lines(self, pixels: Pixels, boxes: Sequence[Corners]) -> list[Found]:
        return self._loaded.lines.read(pixels, boxes, self._has_left)

    def _detect(self, pixels: Pixels) -> list[Corners]:
        if self._has_left():
            raise Left
        return self._loaded.detector.find(pixels, side_limit=self._options.side_limit)

    def _again(self, pixels: Pixels, boxes: Sequence[Corners], found: list[Found]) -> list[Found]:
        """The doubtful lines once more, with the larger models."""
        doubtful = [place for place, (each, _) in enumerate(found) if each.confidence < DOUBTFUL]
        larger = self._models.of("accurate").lines
        better = larger.read(pixels, [boxes[place] for place in doubtful], self._has_left)
        found = list(found)
        for place, each in zip(doubtful, better, strict=True):
            found[place] = each
        return found
