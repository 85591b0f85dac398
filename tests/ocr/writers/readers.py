"""PDFs read by others: poppler's programs where they are installed, PDFium and qpdf always."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pikepdf
import pypdfium2
import pytest
from numpy.typing import NDArray

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")

Box = tuple[float, float, float, float]

_WORD = re.compile(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>')
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e]")


def poppler_text(pdf: bytes) -> str:
    """What pdftotext gives, without the marks of direction that it adds."""
    return _DIRECTIONS.sub("", _poppler(pdf))


def poppler_words(pdf: bytes) -> dict[str, Box]:
    """Each word's left, top, right and bottom in points; text from right to left put back in its order."""
    found = _WORD.findall(_poppler(pdf, "-bbox"))
    return {_logical(html.unescape(text)): _box(*map(float, place)) for *place, text in found}


def _logical(text: str) -> str:
    """Of ``-bbox`` alone: it gives letters as they stand."""
    to_left = any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)
    return text[::-1] if to_left else text


def _box(left: float, top: float, right: float, bottom: float) -> Box:
    return left, top, right, bottom


def _poppler(pdf: bytes, *options: str) -> str:
    command = ["pdftotext", "-enc", "UTF-8", *options, "-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


def pdfium_text(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\f".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def pdfium_boxes(pdf: bytes) -> dict[str, Box]:
    """Each character's left, top, right and bottom in points from the page's top; of equal ones, the last."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0]
    height, text = page.get_height(), page.get_textpage()
    boxes = {}
    for index in range(text.count_chars()):
        left, bottom, right, top = text.get_charbox(index, loose=True)
        boxes[text.get_text_range(index, 1)] = (left, height - top, right, height - bottom)
    document.close()
    return boxes


@contextmanager
def opened(pdf: bytes) -> Iterator[pikepdf.Pdf]:
    """The file's objects; qpdf has found no fault in its structure."""
    with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
        assert document.check_pdf_syntax() == []
        yield document


def rendered(pdf: bytes, number: int = 0) -> NDArray[np.uint8]:
    """A page as PDFium draws it, (height, width, 3) RGB."""
    document = pypdfium2.PdfDocument(pdf)
    pixels: NDArray[np.uint8] = (
        document[number].render(scale=1, rev_byteorder=True).to_numpy()[..., :3].copy()
    )
    document.close()
    return pixels
