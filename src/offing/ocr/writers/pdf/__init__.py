"""Searchable PDF: each page's image with its text, unseen, at the places where it was read."""

from __future__ import annotations

from offing.ocr.writers.pdf.writer import PdfWriter

__all__ = ["PdfWriter"]
