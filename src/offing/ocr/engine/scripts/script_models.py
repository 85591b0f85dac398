"""Which of Tesseract's models read a script or a language, the best first."""

from __future__ import annotations

from collections.abc import Collection

from offing.ocr.engine.languages import LANGUAGES, Language

SCRIPT_PREFIX = "script/"
VIETNAMESE = ("vie", "script/Vietnamese")

SEVERAL_LANGUAGES = {
    "Arab": ("script/Arabic", "ara", "fas", "urd"),
    "Beng": ("script/Bengali", "ben", "asm"),
    "Cyrl": ("script/Cyrillic", "rus", "ukr", "bul", "srp"),
    "Deva": ("script/Devanagari", "hin", "mar", "nep"),
    "Ethi": ("script/Ethiopic", "amh", "tir"),
    "Hebr": ("heb", "script/Hebrew", "yid"),
    "Tibt": ("bod", "script/Tibetan", "dzo"),
    "Geor": ("kat", "script/Georgian"),
    "Grek": ("ell", "script/Greek"),
    "Kore": ("kor", "script/Hangul"),
}
"""A model of a whole script reads languages that share it; that of one language is smaller and surer."""

ALWAYS_READ = frozenset({"Latn", "Latf", "Hani", "Hans", "Hant"})
"""Scripts that all of PP-OCR's models read, and one whose letters cannot be told from theirs."""
PP_OCR = ALWAYS_READ | {"Jpan"}
"""With Japanese, which its smallest models lack."""


def models_of_script(script: str) -> tuple[str, ...]:
    """Models for a script (ISO 15924) that PP-OCR does not know."""
    if script in SEVERAL_LANGUAGES:
        return SEVERAL_LANGUAGES[script]
    found = [each.tesseract for each in LANGUAGES if each.script == script and not each.is_vertical]
    return tuple(sorted(found, key=lambda code: code.startswith(SCRIPT_PREFIX)))


def models_of_language(language: Language) -> tuple[str, ...]:
    """Models for a language: its own, then those of its script."""
    if language.is_vertical or language.script in PP_OCR:
        return VIETNAMESE if language.tesseract in VIETNAMESE else (language.tesseract,)
    wide = [code for code in models_of_script(language.script) if code.startswith(SCRIPT_PREFIX)]
    return tuple(dict.fromkeys((language.tesseract, *wide)))


def installed_model(models: Collection[str], installed: Collection[str]) -> str:
    """The first of the models that is installed; empty where none is."""
    return next((model for model in models if model in installed), "")


def scripts_beyond_pp_ocr() -> tuple[str, ...]:
    """Every script that Tesseract knows and PP-OCR does not."""
    return tuple(dict.fromkeys(each.script for each in LANGUAGES if each.script not in PP_OCR))
