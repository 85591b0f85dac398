"""``offing ocr``: what the service reads, for files and folders, without a server.

documents (files, folders, standard input) ── work (guarded engine) ── destination (output, folder)
"""

from __future__ import annotations

import sys
from typing import get_args

import click

from offing.cli.ocr.options import Format, Language, Pages
from offing.ocr.engine.options import Orientation, Quality

SOME_FAILED = 1
EPILOG = """\b
Exit codes:
  0    every document was read
  1    some were not; standard error says which, and why
  2    the command or a setting is wrong
  130  Ctrl-C

\b
Examples:
  offing ocr receipt.jpg
  offing ocr scans/ --format pdf -o searchable/
  offing ocr report.pdf --pages 2- --format markdown > report.md
  curl -s https://example.com/scan.png | offing ocr --format json -

The limits of size, pages, time and memory are those of the service: `offing settings` lists them.
"""


def _print_languages(ctx: click.Context, param: click.Parameter, value: object) -> None:
    del param
    if value and not ctx.resilient_parsing:
        from offing.cli.ocr.languages import table

        click.echo(table())
        ctx.exit()


@click.command(epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option(
    "--format",
    type=Format(),
    default="text",
    show_default=True,
    help="Of the output; md and txt are names as well. pdf is searchable, png shows what was read where, "
    "json is a line a document, ndjson a line a page.",
)
@click.option("--lang", type=Language(), help="What it is written in, or auto.  [default: auto]")
@click.option(
    "--languages", is_flag=True, is_eager=True, expose_value=False, callback=_print_languages,
    help="List the languages, what reads each, and whether that is here.",
)  # fmt: skip
@click.option(
    "--quality",
    type=click.Choice(get_args(Quality)),
    help="accurate; fast takes half the time; balanced is fast, and reads what is doubtful once more.  "
    "[default: accurate]",
)
@click.option("--pages", type=Pages(), help="Of each document, as 1-3,7 or 5-.  [default: all]")
@click.option(
    "--orientation",
    type=click.Choice(get_args(Orientation)),
    help="How far pages are turned clockwise, if it is known.  [default: auto]",
)
@click.option("--words", "return_words", is_flag=True, help="In JSON, also the place of each word.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False),
    metavar="FOLDER",
    help="Write a file for each document into this folder. Files that are there are replaced.",
)
@click.option("--skip-existing", is_flag=True, help="Leave out documents whose output is there already.")
def command(
    inputs: tuple[str, ...],
    *,
    output: str | None,
    skip_existing: bool,
    return_words: bool,
    **given: str | None,
) -> None:
    """Read the text of images and PDFs.

    Of a folder, all images and PDFs below it are read, told by the ends of their names; - is
    standard input. Text goes to standard output, or with -o into a file for each document, under the
    name and the subfolder that it has itself.
    """
    import asyncio

    from msgspec.structs import replace

    from offing.cli.ocr.destination import destination
    from offing.cli.ocr.documents import expand
    from offing.cli.ocr.languages import require
    from offing.cli.ocr.work import work
    from offing.kernel.settings import load
    from offing.ocr.parameters import read_asked
    from offing.ocr.settings import OcrSettings

    settings = load(OcrSettings, "OFFING_OCR_")
    asked = read_asked({**given, "return_words": str(return_words).lower()}, settings)
    documents = expand(inputs, output)
    where = destination(documents, asked.format, output, skip_existing=skip_existing)
    if given["lang"]:
        require(given["lang"])
    # Only the models that it takes are loaded.
    settings = replace(settings, quality=asked.options.quality)
    failed = asyncio.run(work(where, asked, settings)) if where.documents else 0
    sys.exit(SOME_FAILED if failed else 0)
