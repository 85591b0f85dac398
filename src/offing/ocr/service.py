"""The record by which OCR is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offing.kernel.jobs.kind import JobKind
from offing.kernel.service import Engine, Service
from offing.ocr.settings import OcrSettings

if TYPE_CHECKING:
    from offing.kernel.toolbox import Toolbox

OVERHEAD = 64 * 1024
"""Bytes that a form or JSON may have beside its files."""


def build(settings: OcrSettings, toolbox: Toolbox) -> Engine:
    """The engine, not started. What it needs is loaded here, so that the record is cheap to look at."""
    from offing.ocr.served import ServedOcr

    return ServedOcr(settings, toolbox)


def max_body(settings: OcrSettings) -> int:
    """The largest file in base64, which is a third longer; a batch may have as much in all."""
    return settings.max_bytes * 4 // 3 + OVERHEAD


service = Service(
    name="ocr",
    title="OCR",
    summary="The text of images and PDFs, with its places",
    prefixes=("/ocr",),
    settings=OcrSettings,
    build=build,
    public_name="ocr",
    max_body=max_body,
    jobs=(JobKind("/ocr/jobs", lambda engine: engine.reading),),
    handlers=("offing.ocr.documents.job:handle",),
    try_it=(
        "curl -F file=@receipt.jpg '{base}/ocr?format=text'",
        "curl -F file=@scan.pdf '{base}/ocr?format=pdf' -o searchable.pdf",
    ),
)
