"""What goes to a worker process beside a document's descriptor, and what comes back."""

from __future__ import annotations

from typing import Any

import msgspec

from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.page_source import SourceKind
from offing.ocr.engine.page import Page

LIGHT_PIXELS = 1_500_000


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a worker."""

    document: int
    """Tells this document from every other, so that a worker may keep it open."""
    media_type: str
    page: int = 0
    """From 1; 0 asks for the number of pages only."""
    pixels: bool = False
    light: bool = False
    """Refuse a page of more than :data:`LIGHT_PIXELS`, undone, as too heavy for this lane."""
    limits: DocumentLimits


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker answers: pages, a page, or a problem's code and members."""

    pages: int = 0
    width: int = 0
    height: int = 0
    dpi: float = 0.0
    source: SourceKind = "image"
    painted: bool = False
    """Whether the pixels lie in the canvas."""
    text: Page | None = None
    too_heavy: bool = False
    problem: str = ""
    members: dict[str, Any] = {}
