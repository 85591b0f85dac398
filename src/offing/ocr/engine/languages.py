"""The languages and scripts that can be read, by every name people give them.

The table beside this module holds them all: the fifty languages of PP-OCRv6, and each language and script
that Debian packages for Tesseract. Vietnamese is among the fifty, but the character set of their small
models lacks most of its vowels, so Tesseract reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal, cast

import msgspec

Engine = Literal["pp-ocr", "tesseract"]
MOST_NEAR = 5


class UnknownLanguage(ValueError):  # noqa: N818  the name says what it is
    """No language or script has this name."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        self.name, self.near = name, near
        hint = f"; near it: {', '.join(near)}" if near else ""
        super().__init__(f"No language is called {name!r}{hint}.")


class Language(msgspec.Struct, frozen=True):
    """A language, or a script with all the languages written in it."""

    tesseract: str
    """Tesseract's code, ``rus`` or ``script/Cyrillic``; empty where it has none."""
    iso639_1: str
    iso639_3: str
    """ISO 639 codes of two and three letters; empty for scripts and for second forms of a language."""
    other_names: tuple[str, ...]
    """What else it is called; PaddleOCR's own name (``german``, ``chinese_cht``) comes first."""
    name: str
    """In English."""
    script: str
    """ISO 15924."""
    engine: Engine
    """What reads it."""
    package: str
    """The Debian package that brings Tesseract's data for it; empty where there is none."""

    @property
    def code(self) -> str:
        """The code it is listed under, which no other has."""
        return self.tesseract or self.iso639_3

    @property
    def is_vertical(self) -> bool:
        """Whether it stands for text written from top to bottom."""
        return self.tesseract.endswith("_vert")


def _load() -> tuple[Language, ...]:
    table = files(__package__).joinpath("languages.tsv").read_text("utf-8")
    return tuple(_row(line) for line in table.splitlines()[1:])


def _row(line: str) -> Language:
    tesseract, iso1, iso3, others, name, script, engine, package = line.split("\t")
    return Language(
        tesseract, iso1, iso3, tuple(others.split()), name, script, cast("Engine", engine), package
    )


LANGUAGES = _load()


def find(name: str) -> Language:
    """The language of a name: PaddleOCR's, an ISO 639 code, Tesseract's, English or its Debian package.

    Case, and ``-`` for ``_``, make no difference. Where PaddleOCR's name is another language's ISO code,
    PaddleOCR's meaning holds: ``ka`` is Kannada. Raises ``UnknownLanguage``.
    """
    wanted = _plain(name)
    names = _names()
    if wanted in names:
        return names[wanted]
    raise UnknownLanguage(name, tuple(get_close_matches(wanted, names, MOST_NEAR)))


@cache
def _names() -> dict[str, Language]:
    """Every name; the first to claim one keeps it, and PaddleOCR's claims come first."""
    found: dict[str, Language] = {}
    for claims in zip(*(_claims(language) for language in LANGUAGES), strict=True):
        for language, claimed in zip(LANGUAGES, claims, strict=True):
            for each in claimed:
                found.setdefault(_plain(each), language)
    return found


def _claims(language: Language) -> Iterator[tuple[str, ...]]:
    yield language.other_names
    for name in (language.iso639_1, language.iso639_3, language.tesseract, language.name, language.package):
        yield (name,) if name else ()
    yield (language.tesseract.removeprefix("script/"),) if language.tesseract else ()


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "_")
