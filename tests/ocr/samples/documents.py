"""Documents of several pages: a TIFF as fax machines send it, PDFs with and without a text layer."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tests.ocr.samples import encoding, notices, pdf_writer
from tests.ocr.samples.pages import notice
from tests.ocr.samples.paper import grainy, skewed

Document = tuple[bytes, Sequence[Sequence[str]]]
"""A file, and the lines of each of its pages."""
SCAN = (1000, 1414)
DECLARATION = (
    ("Customs declaration", ""),
    ("Exporter", "Osei & Daughters, Port Ellery"),
    ("Consignee", "Café du Vieux Môle, Brest"),
    ("Vessel", "Northern Diver"),
    ("Goods", "Smoked eel (vacuum packed)"),
    ("Net weight", "128.5 kg"),
    ("Declared value", "€ 3,854.00"),
)


def fax() -> Document:
    """Three pages in black and white."""
    pages = [
        notice(text, (760, 560), 24, "sans", 60)
        for text in (notices.LADING, notices.CARRIAGE, notices.DELIVERY)
    ]
    return encoding.fax([page.image for page in pages]), [page.lines for page in pages]


def born_digital() -> Document:
    """Two pages of text without any image."""
    first, second = _declaration(), _prose(notices.PILOTS)
    return pdf_writer.encode([first[0], second[0]]), [first[1], second[1]]


def scanned() -> Document:
    """Two scans, the second laid down a little askew, without a text layer."""
    pages = [_scan(notices.PACKING), _scan(notices.AUCTION, skew=2)]
    return pdf_writer.encode([page for page, _ in pages]), [lines for _, lines in pages]


def mixed() -> Document:
    """A page of text and a scan."""
    first, second = _declaration(), _scan(notices.LETTER)
    return pdf_writer.encode([first[0], second[0]]), [first[1], second[1]]


def _declaration() -> tuple[pdf_writer.TextPage, list[str]]:
    places: list[tuple[float, float, float, str]] = []
    for number, (name, value) in enumerate(DECLARATION):
        y = 770 - 26 * number
        places += [(60, y, 12 if value else 18, name)] + [(200, y, 12, value)] * bool(value)
    return pdf_writer.TextPage(places), [" ".join(row).strip() for row in DECLARATION]


def _prose(text: str) -> tuple[pdf_writer.TextPage, list[str]]:
    heading, *paragraphs = notices.paragraphs(text)
    y = 770.0
    places = [(60.0, y, 18.0, heading)]
    for paragraph in paragraphs:
        y -= 14
        for line in textwrap.wrap(paragraph, 76):
            y -= 18
            places.append((60, y, 12, line))
    return pdf_writer.TextPage(places), [line for *_, line in places]


def _scan(text: str, skew: float = 0) -> tuple[pdf_writer.ImagePage, list[str]]:
    page = notice(text, SCAN, 28, "serif", 110)
    laid = skewed(page.image, skew, 255)
    left, top = (laid.width - SCAN[0]) // 2, (laid.height - SCAN[1]) // 2
    glass = laid.crop((left, top, left + SCAN[0], top + SCAN[1]))
    return pdf_writer.ImagePage(encoding.jpeg(grainy(glass, page.lines[0], 6), 45), *SCAN), page.lines
