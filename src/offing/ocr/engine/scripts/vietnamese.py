"""Vietnamese: Latin script, but PP-OCR lacks most of its vowels, and drops them with full confidence."""

from __future__ import annotations

from collections.abc import Sequence

from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.scripts.page_lines import PageLines
from offing.ocr.engine.scripts.script_models import VIETNAMESE, installed_model

ALONE = frozenset("ơưồƠƯỒ")
"""What PP-OCR's characters hold of the letters that only Vietnamese uses."""
BARRED = frozenset("đĐ")
"""A letter that Croatian and others use as well."""
BESIDE_BARRED = frozenset("àáãâèéêìíòóõôùúýăÀÁÃÂÈÉÊÌÍÒÓÕÔÙÚÝĂ")
"""Letters that tell its Vietnamese use from theirs, ..."""
NEVER = frozenset("čćšžåäöøæßñçşČĆŠŽÅÄÖØÆÑÇŞ")
"""... and those that tell the opposite."""
TONED = range(0x1EA0, 0x1EFA)
"""Vowels with Vietnamese marks."""
SHARE_KEPT = 0.015
"""Of the letters of a Vietnamese text, 3 to 6 in a hundred are among those that PP-OCR keeps."""
SHARE_TONED = 0.04
"""Of the same, some 15 in a hundred have marks that it does not know."""
SURE = 0.8
PROBES = 2
"""Lines that are read before the rest, to see whether it is worth it."""


def seems_vietnamese(texts: Sequence[str]) -> bool:
    """Whether what PP-OCR left of a page's letters is what it leaves of Vietnamese."""
    letters = [each for text in texts for each in text if each.isalpha()]
    kinds = set(letters)
    kept = sum(each in ALONE for each in letters)
    if kinds & BARRED and kinds & BESIDE_BARRED and not kinds & NEVER:
        kept += sum(each in BARRED for each in letters)
    return kept > max(1, SHARE_KEPT * len(letters)) and not _is_toned(letters)


def read_vietnamese(page: PageLines) -> None:
    """Read a page's lines with the Vietnamese model, if that is installed and the longest ones agree.

    Raises ``TesseractFailed``.
    """
    model = installed_model(VIETNAMESE, page.tesseract.installed)
    places = page.longest_first(
        place for place, each in enumerate(page.found) if any(map(str.isalpha, each.text))
    )
    probes = page.read_again(places[:PROBES], model) if model else {}
    if not any(_is_surely(again.read) for again in probes.values()):
        return
    for place, again in (probes | page.read_again(places[PROBES:], model)).items():
        if any(each in ALONE or each in BARRED or ord(each) in TONED for each in again.read.text):
            page.take(place, again)


def _is_surely(read: Recognised) -> bool:
    return read.confidence >= SURE and _is_toned([each for each in read.text if each.isalpha()])


def _is_toned(letters: Sequence[str]) -> bool:
    return sum(ord(each) in TONED for each in letters) > SHARE_TONED * len(letters)
