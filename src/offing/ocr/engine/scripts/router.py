"""Sending lines to the engine that reads their script."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.crops import Pixels, is_tall
from offing.ocr.engine.languages import Language, find
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.scripts.judgement import is_better_as_asked
from offing.ocr.engine.scripts.page_lines import PageLines
from offing.ocr.engine.scripts.script_models import installed_model, models_of_language
from offing.ocr.engine.scripts.search import Search
from offing.ocr.engine.scripts.tesseract import Tesseract, TesseractFailed
from offing.ocr.engine.scripts.vietnamese import read_vietnamese, seems_vietnamese

AUTO = "auto"
_log = logging.getLogger(__name__)


class LanguageNotInstalled(LookupError):  # noqa: N818  the name says what it is
    """A language is known, but the data to read it is not on this machine."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.package = language.package
        super().__init__(f"{language.name} cannot be read here: Debian's {language.package} is missing.")


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
        *,
        thorough: bool = True,
    ) -> list[Recognised]:
        """The readings of a page, those that PP-OCR cannot do replaced by Tesseract's.

        ``pixels``: the upright page, (height, width, 3). ``quads``: (lines, 4, 2), its boxes. ``read``:
        what PP-OCR read in each. Without a language, scripts are found by what looks wrong; a page that
        looks right costs no process, and only a ``thorough`` search tries scripts that Tesseract's detection
        does not name. A box that turns out to hold but a sign of another line gets an
        empty text. Raises ``LanguageNotInstalled``, and ``TesseractFailed`` if a language was given.
        """
        if language is not None and language.engine == "pp-ocr":
            return list(read)
        page = PageLines(pixels, list(quads), read, list(read), self._tesseract)
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
