"""Renders a page straight into its pixels."""

from __future__ import annotations

from ctypes import c_void_p
from typing import Any

import pypdfium2.raw as pdfium

from offing.ocr.documents.page_source import PixelArray

WHITE = 0xFFFFFFFF
FLAGS = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE


def render(page: Any, forms: Any, pixels: PixelArray) -> None:
    """Draw a page with its annotations and filled fields over white.

    ``pixels`` is contiguous. ``forms`` is the document's form environment, or None. Raises MemoryError.
    """
    height, width, channels = pixels.shape
    room = c_void_p(pixels.ctypes.data)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGR, room, width * channels)
    if not bitmap:
        raise MemoryError
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE)
        pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, FLAGS)
        if forms is not None:
            pdfium.FPDF_FFLDraw(forms, bitmap, page, 0, 0, width, height, 0, FLAGS)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
