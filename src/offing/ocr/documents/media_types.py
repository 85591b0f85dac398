"""Tells a file's type by its first bytes, and nothing else of it."""

from __future__ import annotations

import re

from offing.ocr.problems import UnsupportedDocument

PDF, PNG, TIFF = "application/pdf", "image/png", "image/tiff"
SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"II[*+]\x00|MM\x00[*+]"), TIFF),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    # "BM" alone begins many a text; behind it stand the size of the file's second header and three zeros.
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", re.DOTALL), "image/bmp"),
    # Readers take a header anywhere in the first 1024 bytes (PDF 1.7, annex H, note 13).
    (re.compile(rb".{0,1019}?%PDF-", re.DOTALL), PDF),
)
ACCEPTED = tuple(media_type for _, media_type in SIGNATURES)
SINGLE = frozenset(ACCEPTED) - {PDF, TIFF}
"""Types of which one page is read: of an animation the first frame."""


def media_type_of(data: bytes | bytearray) -> str:
    """The file's media type. Raises UnsupportedDocument, naming what is accepted."""
    for pattern, media_type in SIGNATURES:
        if pattern.match(data):
            return media_type
    raise UnsupportedDocument(accepted=list(ACCEPTED))
