"""Types of the command's options: each says what it takes, and completes it."""

from __future__ import annotations

from typing import Any

import click

FORMATS = ("text", "json", "ndjson", "hocr", "alto", "tsv", "markdown", "pdf", "png")


class Format(click.Choice[str]):
    """A format by its name or by the end of its files' names."""

    def __init__(self) -> None:
        super().__init__(FORMATS)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name of the format."""
        from offing.ocr.answer_format import named

        return named(value) or super().convert(value, param, ctx)


class Language(click.ParamType[str]):
    """``auto``, or a language by any of its names."""

    name = "language"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, if it is one."""
        from offing.ocr.engine.languages import UnknownLanguage, find

        if value.strip().lower() in {"", "auto"}:
            return value
        try:
            find(value)
        except UnknownLanguage as unknown:
            near = f" Near it: {', '.join(unknown.near)}." if unknown.near else ""
            self.fail(f"No language is called {value!r}.{near} --languages lists them all.", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Codes that begin so, with their names beside them."""
        from click.shell_completion import CompletionItem

        from offing.ocr.engine.languages import LANGUAGES

        del ctx, param
        named = {"auto": "find the script", **{each.code: each.name for each in LANGUAGES}}
        return [
            CompletionItem(code, help=name) for code, name in named.items() if code.startswith(incomplete)
        ]


class Pages(click.ParamType[str]):
    """Numbers of pages and runs of them."""

    name = "pages"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The choice as it was written, if it is one."""
        from offing.ocr.page_choice import read_pages

        try:
            read_pages(value)
        except ValueError:
            self.fail(f"{value!r} is no choice of pages; write 1-3,7 or 5-.", param, ctx)
        return value
