"""Opens the engine as the settings say, with the models in memory and warm. Loads OpenVINO and OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np

from offing.kernel.heaps import keep_little
from offing.kernel.settings import BadSetting
from offing.ocr.engine.converter import leave_out_converter
from offing.ocr.engine.given_models import load_given, load_given_orientation
from offing.ocr.engine.languages import UnknownLanguage
from offing.ocr.engine.loaded import SETS
from offing.ocr.engine.models import ModelSet
from offing.ocr.engine.options import Quality
from offing.ocr.engine.reader import Reader
from offing.ocr.engine.runtime import open_runtime
from offing.ocr.engine.scripts import LanguageNotInstalled, ScriptRouter
from offing.ocr.settings import OcrSettings


@dataclass(frozen=True)
class OpenEngine:
    """A reader that has read."""

    reader: Reader
    scripts: ScriptRouter
    facts: dict[str, Any]
    """What ``/health`` tells of it."""


def open_engine(settings: OcrSettings) -> OpenEngine:
    """The engine, warmed by a real page.

    Raises ModelsMissing, RuntimeMissing, and BadSetting where the language cannot be read here.
    """
    leave_out_converter()
    keep_little()
    scripts = ScriptRouter()
    _check_language(scripts, settings.language)
    given = load_given(
        _folder(settings.det_model_dir),
        _folder(settings.rec_model_dir),
        settings.version,
        settings.runtime,
    )
    orientation = _folder(settings.cls_model_dir)
    reader = Reader(
        quality=settings.quality,
        given=given,
        orientation=orientation and load_given_orientation(orientation, settings.runtime),
        runtime=open_runtime(settings.runtime, settings.precision),
        threads=settings.threads or None,
        scripts=scripts,
    )
    if not reader.read(small_page()).blocks:
        raise RuntimeError("The models read nothing on a page of large print.")
    return OpenEngine(reader, scripts, _facts(reader, given))


def small_page() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A page with a few words, (height, width, 3)."""
    page = np.full((160, 480, 3), 255, np.uint8)
    for row, text in enumerate(("Beyond the harbour", "lies the offing")):
        cv2.putText(page, text, (24, 60 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2, cv2.LINE_AA)
    return page


def _facts(reader: Reader, given: ModelSet | None) -> dict[str, Any]:
    return {
        "runtime": reader.runtime.name,
        "runtime_version": reader.runtime.version,
        "precision": reader.runtime.precision,
        "threads": reader.threads,
        "models": {quality: given.name if given else SETS[quality] for quality in get_args(Quality)},
    }


def _check_language(scripts: ScriptRouter, name: str) -> None:
    try:
        scripts.find(name)
    except (UnknownLanguage, LanguageNotInstalled):
        raise BadSetting(
            "OFFING_OCR_LANGUAGE (or OCR_LANG) names a language that cannot be read here.",
            remedy="`offing doctor` tells of Tesseract, which reads what PP-OCR does not.",
        ) from None


def _folder(name: str) -> Path | None:
    return Path(name) if name else None
