"""Sending lines to the engine that reads their script."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.crops import Pixels, is_tall
from offing.ocr.engine.languages import Language, find
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.scripts.doubt import HOPELESS, legibility
from offing.ocr.engine.scripts.judgement import is_better_as_asked
from offing.ocr.engine.scripts.page_lines import PageLines
from offing.ocr.engine.scripts.script_models import installed_model, models_of_language
from offing.ocr.engine.scripts.search import Search
from offing.ocr.engine.scripts.tesseract import Tesseract, TesseractFailed
from offing.ocr.engine.scripts.vietnamese import read_vietnamese, seems_vietnamese

AUTO = "auto"
SURE = 0.8
"""Legibility of a page that was read the right way up."""
_log = logging.getLogger(__name__)


class LanguageNotInstalled(LookupError):  # noqa: N818  the name says what it is
    """A language is known, but the data to read it is not on this machine."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.package = language.package
        super().__init__(f"{language.name} cannot be read here: Debian's {language.package} is missing.")


class UprightPage(NamedTuple):
    """A page, turned so that its text should stand upright, and what PP-OCR read on it."""

    pixels: Pixels
    """(height, width, 3)."""
    quads: NDArray[np.float32]
    """(lines, 4, 2)."""
    read: Sequence[Recognised]

    @property
    def other_turns(self) -> tuple[int, ...]:
        """Clockwise turns in degrees to try as well; none where PP-OCR could read the page.

        The orientation network does not know every script: it takes some upright pages for turned ones and
        some turned ones for upright.
        """
        if legibility(list(self.quads), self.read) >= HOPELESS:
            return ()
        tall = sum(is_tall(corners) for corners in self.quads)
        return (90, 270) if tall > len(self.quads) / 2 else (180,)


class ScriptRouter:
    """Reads with Tesseract what PP-OCR cannot. Safe to call from any thread.

    Without Tesseract it changes nothing, and languages that need it are not installed.
    """

    def __init__(self, tesseract: Tesseract | None = None) -> None:
        self._tesseract = tesseract or Tesseract()

    def find(self, name: str) -> Language | None:
        """The language of a name; nothing for ``auto``.

        Raises ``UnknownLanguage``, and ``LanguageNotInstalled`` before any work is done.
        """
        if name.strip().lower() in {AUTO, ""}:
            return None
        language = find(name)
        if not self.can_read(language):
            raise LanguageNotInstalled(language)
        return language

    def can_read(self, language: Language) -> bool:
        """Whether what it takes to read a language is on this machine."""
        return language.engine == "pp-ocr" or bool(self._model(language))

    def reread(
        self,
        pixels: Pixels,
        quads: NDArray[np.float32],
        read: Sequence[Recognised],
        language: Language | None = None,
    ) -> list[Recognised]:
        """The readings of a page, those that PP-OCR cannot do replaced by Tesseract's.

        ``pixels``: the upright page, (height, width, 3). ``quads``: (lines, 4, 2), its boxes. ``read``:
        what PP-OCR read in each. Without a language, scripts are found by what looks wrong; a page that
        looks right costs no process. A box that turns out to hold but a sign of another line gets an
        empty text. Raises ``LanguageNotInstalled``, and ``TesseractFailed`` if a language was given.
        """
        return self._reread(UprightPage(pixels, quads, read), language, thorough=True)

    def reread_surest(
        self, ways: Sequence[UprightPage], language: Language | None = None
    ) -> tuple[int, list[Recognised]]:
        """As :meth:`reread`, of a page that may stand otherwise: the surest of its ways.

        ``ways``: the page as the orientation network has it, then its ``other_turns``. Gives the place of
        the one that reads best, and its readings.
        """
        best: tuple[float, int, list[Recognised]] = (0.0, 0, list(ways[0].read))
        for thorough in (False, True):
            for place, way in enumerate(ways):
                found = self._reread(way, language, thorough=thorough)
                best = max(best, (legibility(list(way.quads), found), place, found), key=lambda each: each[0])
                if best[0] >= SURE:
                    break
            if best[0] >= HOPELESS or language:
                break
        return best[1], best[2]

    def _reread(self, way: UprightPage, language: Language | None, *, thorough: bool) -> list[Recognised]:
        if language is not None and language.engine == "pp-ocr":
            return list(way.read)
        page = PageLines(way.pixels, list(way.quads), way.read, list(way.read), self._tesseract)
        if language is None:
            self._as_found(page, thorough=thorough)
        else:
            self._as_asked(page, language)
        return page.found

    def _as_found(self, page: PageLines, *, thorough: bool) -> None:
        try:
            Search(page, thorough=thorough).run()
            if seems_vietnamese([each.text for each in page.found]):
                read_vietnamese(page)
        except TesseractFailed as failure:
            _log.warning("Lines stay as PP-OCR read them: %s", failure)

    def _as_asked(self, page: PageLines, language: Language) -> None:
        model = self._model(language)
        if not model:
            raise LanguageNotInstalled(language)
        vertical = language.is_vertical
        places = [place for place, corners in enumerate(page.quads) if is_tall(corners) == vertical]
        for place, again in page.read_again(places, model, vertical=vertical).items():
            if is_better_as_asked(again.read, page.read[place], language.script):
                page.take(place, again)

    def _model(self, language: Language) -> str:
        return installed_model(models_of_language(language), self._tesseract.installed)
