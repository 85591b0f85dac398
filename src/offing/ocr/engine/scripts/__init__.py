"""Scripts that PP-OCR cannot read: finding them on a page, and Tesseract to read them."""

from __future__ import annotations

from offing.ocr.engine.scripts.router import LanguageNotInstalled, ScriptRouter
from offing.ocr.engine.scripts.tesseract import Tesseract, TesseractFailed

__all__ = ["LanguageNotInstalled", "ScriptRouter", "Tesseract", "TesseractFailed"]
