"""``GET /ocr/languages``: every language and script, what reads it, and whether that is here."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from offing.ocr.engine.languages import LANGUAGES, Language
from offing.ocr.shared_reader import SharedReader


class LanguageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A language, or a script with all the languages written in it."""

    code: Annotated[str, Meta(description="What `lang` takes; the other names do as well.")]
    name: str
    names: Annotated[list[str], Meta(description="Other names that `lang` takes.")]
    script: Annotated[str, Meta(description="ISO 15924.")]
    engine: Literal["pp-ocr", "tesseract"]
    installed: Annotated[bool, Meta(description="Whether it can be read on this server.")]
    package: Annotated[str, Meta(description="The Debian package that brings it; empty where none does.")]


class LanguageList(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    default: Annotated[str, Meta(description="What is read where a request names none.")]
    tesseract: Annotated[
        str | None, Meta(description="Version of the Tesseract that is installed here; null without one.")
    ]
    languages: list[LanguageAnswer]


def list_languages(reader: SharedReader, default: str) -> LanguageList:
    """The list as it holds on this machine."""
    return LanguageList(
        default=default,
        tesseract=reader.facts["tesseract"],
        languages=[_answer(each, installed=reader.can_read(each)) for each in LANGUAGES],
    )


def _answer(language: Language, *, installed: bool) -> LanguageAnswer:
    names = (*language.other_names, language.iso639_1, language.iso639_3)
    return LanguageAnswer(
        code=language.code,
        name=language.name,
        names=[each for each in dict.fromkeys(names) if each and each != language.code],
        script=language.script,
        engine=language.engine,
        installed=installed,
        package=language.package,
    )
