"""The languages that can be read, as a table; and what is said where one is not here."""

from __future__ import annotations

from offing.cli.tesseract_data import how_to_install
from offing.kernel.service import NotInstalled
from offing.ocr.engine.languages import LANGUAGES

GAP = "  "


def table() -> str:
    """A line a language: its code, its name, its script, what reads it, and whether that is here."""
    from offing.ocr.engine.scripts import ScriptRouter

    scripts = ScriptRouter()
    rows = [("code", "name", "script", "read by", "here")]
    rows += [
        (each.code, each.name, each.script, each.engine, "yes" if scripts.can_read(each) else each.package)
        for each in LANGUAGES
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(GAP.join(map(str.ljust, row, widths)).rstrip() for row in rows)


def require(name: str) -> None:
    """Raise NotInstalled where what reads a language that is known is not here."""
    from offing.ocr.engine.scripts import LanguageNotInstalled, ScriptRouter

    try:
        ScriptRouter().find(name)
    except LanguageNotInstalled as missing:
        raise NotInstalled(
            f"{missing.language.name} cannot be read here: its data is not installed.",
            remedy=f"Install it: {how_to_install([missing.package])}",
        ) from None
