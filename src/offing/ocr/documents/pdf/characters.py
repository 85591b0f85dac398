"""The characters of a page's text, each with its place along and across its line."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from offing.ocr.documents.pdf.content import address_of
from offing.ocr.documents.pdf.sheet import Sheet

MOST_CHARACTERS = 30_000
"""Of a page; a full page of small print has a third of it."""
QUARTER = np.pi / 2
NEARLY = np.radians(0.5)
"""Angles so near to a quarter turn are one."""
SLANTED = 0.2
HYPHENS = {0x02: "-", 0xAD: "-"}
"""PDFium's mark of a hyphen at a line's end, and the soft hyphen: both are printed as hyphens."""
UNREADABLE = frozenset({"Co", "Cn", "Cs", "Cc"})
"""Unicode categories that no reader sees: private use, not assigned, half a pair, controls."""
REPLACEMENT = "\ufffd"

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Characters:
    """Arrays of N, in the order of the page's text; spaces and line ends among them."""

    texts: list[str]
    places: Numbers
    """Shape (N, 4): start and end along the line, top and bottom across it, in pixels. Both axes are
    those of the sheet, turned by the character's angle about the sheet's top left corner."""
    angles: Numbers
    """How far each is turned clockwise, in radians, 0 to 2 pi."""
    centres: Numbers
    """Shape (N, 2): x and y on the sheet."""
    unseen: NDArray[np.bool_]
    unreadable: NDArray[np.bool_]


def read_characters(page: Any, sheet: Sheet, unseen: Collection[int]) -> Characters | None:
    """The text of a page; None where it has more characters than a page can."""
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return None
    try:
        count = pdfium.FPDFText_CountChars(text)
        if count > MOST_CHARACTERS:
            return None
        return _characters(text, max(0, count), sheet, unseen)
    finally:
        pdfium.FPDFText_ClosePage(text)


def _characters(text: Any, count: int, sheet: Sheet, unseen: Collection[int]) -> Characters:
    every = range(count)
    texts = [_character(pdfium.FPDFText_GetUnicode(text, index)) for index in every]
    boxes, box = np.zeros((count, 4)), pdfium.FS_RECTF()
    for index in every:
        if pdfium.FPDFText_GetLooseCharBox(text, index, box):
            boxes[index] = box.left, box.bottom, box.right, box.top
    raw = np.array([pdfium.FPDFText_GetCharAngle(text, index) for index in every], np.float64)
    angles = _settled(raw + sheet.rotation * QUARTER)
    placed = sheet.place(boxes)
    centres = np.stack([placed[:, 0] + placed[:, 2], placed[:, 1] + placed[:, 3]], axis=1) / 2
    hidden = [
        bool(unseen) and address_of(pdfium.FPDFText_GetTextObject(text, index)) in unseen for index in every
    ]
    lost = [
        _is_unreadable(each) or pdfium.FPDFText_HasUnicodeMapError(text, index) == 1
        for index, each in enumerate(texts)
    ]
    return Characters(
        texts, _along(placed, centres, angles), angles, centres, np.array(hidden, bool), np.array(lost, bool)
    )


def _character(code: int) -> str:
    return HYPHENS.get(code) or (chr(code) if 0 < code < 0x110000 else REPLACEMENT)  # noqa: PLR2004


def _is_unreadable(text: str) -> bool:
    return text == REPLACEMENT or (unicodedata.category(text) in UNREADABLE and not text.isspace())


def _settled(angles: Numbers) -> Numbers:
    """Angles from 0 to 2 pi, those near a quarter turn on it."""
    quarters = np.rint(angles / QUARTER) * QUARTER
    settled: Numbers = np.where(np.abs(angles - quarters) < NEARLY, quarters, angles) % (4 * QUARTER)
    return settled


def _along(placed: Numbers, centres: Numbers, angles: Numbers) -> Numbers:
    """Places along and across the line, from upright boxes around characters that may be turned.

    A character of width w and height h, turned by an angle, has an upright box of
    (w |cos| + h |sin|) by (w |sin| + h |cos|); near 45 degrees that tells their sum only, of which most
    characters have twice as much height as width.
    """
    cosine, sine = np.cos(angles), np.sin(angles)
    wide, high = placed[:, 2] - placed[:, 0], placed[:, 3] - placed[:, 1]
    c, s = np.abs(cosine), np.abs(sine)
    base = c * c - s * s
    is_clear = np.abs(base) > SLANTED
    safe = np.where(is_clear, base, 1.0)
    width = np.where(is_clear, np.maximum((wide * c - high * s) / safe, 0), (wide + high) / 4)
    height = np.where(is_clear, np.maximum((high * c - wide * s) / safe, 0), (wide + high) / 2)
    along = centres[:, 0] * cosine + centres[:, 1] * sine
    across = centres[:, 1] * cosine - centres[:, 0] * sine
    return np.stack([along - width / 2, along + width / 2, across - height / 2, across + height / 2], axis=1)
