"""``offing insights``: what the service answers, for files and URLs, without a server.

inputs (files, directories, URLs, standard input) ── batch (guarded engine, order) ── lines or table
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any, get_args

import click

from offing.insights.engine.names import ALL_METRICS
from offing.insights.engine.options import Alpha, EdgeMode, Orientation, Precision

if TYPE_CHECKING:
    from offing.cli.insights.batch import Answer
    from offing.cli.insights.progress import Advance
    from offing.insights.engine.options import Options
    from offing.insights.settings import InsightsSettings

SOME_FAILED = 1
EPILOG = """\b
Exit codes:
  0    every input was analyzed
  1    some were not; the output says which, and why
  2    the command or a setting is wrong
  130  Ctrl-C

\b
Examples:
  offing insights photo.jpg
  offing insights --metrics all --json photos/ > photos.jsonl
  curl -s https://example.com/photo.jpg | offing insights --metrics tone -

The limits of size, pixels, time and memory are those of the service: `offing settings` lists them.
"""


class Metrics(click.ParamType[str]):
    """Names of metrics separated by commas, or ``all``."""

    name = "names"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the names; say which there are where one is not among them."""
        from offing.insights.parameters import read_options
        from offing.insights.problems import InvalidOption

        try:
            read_options({"metrics": value})
        except InvalidOption as problem:
            unknown = ", ".join(problem.members["invalid_metrics"])
            self.fail(f"No metric is called {unknown}. There are: all, {', '.join(ALL_METRICS)}.", param, ctx)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Complete the last name of the list."""
        from click.shell_completion import CompletionItem

        del ctx, param
        before, comma, last = incomplete.rpartition(",")
        names = (name for name in ("all", *ALL_METRICS) if name.startswith(last))
        return [CompletionItem(before + comma + name) for name in names]


@click.command(epilog=EPILOG)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|DIRECTORY|URL|-...")
@click.option(
    "--metrics",
    type=Metrics(),
    default="brightness",
    show_default=True,
    help=f"Names separated by commas, or all: {', '.join(ALL_METRICS)}.",
)
@click.option(
    "--edge-mode", type=click.Choice(get_args(EdgeMode)), help="Also the brightness of these edges."
)
@click.option(
    "--orientation",
    type=click.Choice(get_args(Orientation)),
    help="Look at the image as it is stored, or turned as its EXIF data says.  [default: stored]",
)
@click.option(
    "--alpha", type=click.Choice(get_args(Alpha)), help="What shows through transparency.  [default: ignore]"
)
@click.option(
    "--precision",
    type=click.Choice(get_args(Precision)),
    help="Decode every pixel, or large JPEGs at reduced size.  [default: exact]",
)
@click.option(
    "--json/--table",
    "as_json",
    default=None,
    help="A JSON object a line, or a table.  [default: a table on a terminal, else JSON]",
)
def command(inputs: tuple[str, ...], *, as_json: bool | None, **given: str | None) -> None:
    """Tell how bright images are, and more.

    Inputs are image files, directories (with all below them), URLs, and - for standard input.
    They are analyzed in parallel, each where it can do no harm, and answered in their order.
    """
    import asyncio

    from offing.cli.files import STDIN
    from offing.cli.insights.inputs import expand
    from offing.insights.parameters import read_options
    from offing.insights.settings import InsightsSettings
    from offing.kernel.settings import load

    if inputs.count(STDIN) > 1:
        raise click.UsageError("Standard input can be read only once.")
    if STDIN in inputs and sys.stdin.isatty():
        raise click.UsageError("Standard input is a terminal. Give it an image: offing insights - < FILE")
    options = read_options(given)
    settings = load(InsightsSettings, "OFFING_INSIGHTS_")
    as_json = not sys.stdout.isatty() if as_json is None else as_json
    named = expand(inputs, settings.formats)
    failed = asyncio.run(_answer(named, options, settings, as_json=as_json))
    sys.exit(SOME_FAILED if failed else 0)


async def _answer(inputs: list[str], options: Options, settings: InsightsSettings, *, as_json: bool) -> int:
    """Analyze and print; how many failed."""
    from offing.cli.insights.batch import Batch
    from offing.cli.insights.lines import line

    failed, kept = 0, []
    with _progress(len(inputs), as_json=as_json) as advance:
        async with (
            Batch(settings, options, len(inputs)) as batch,
            aclosing(batch.answers(inputs, advance)) as answers,
        ):
            async for answer in answers:
                failed += answer.problem is not None
                if as_json:
                    click.echo(line(answer))
                else:
                    kept.append(answer)
    if kept:
        _print_table(kept, failed)
    return failed


def _print_table(answers: list[Answer], failed: int) -> None:
    from offing.cli.insights.table import table

    click.echo(table(answers))
    if failed and len(answers) > 1:
        click.echo(f"{failed} of {len(answers)} failed.", err=True)


@contextmanager
def _progress(total: int, *, as_json: bool) -> Iterator[Advance]:
    """A bar where it helps: many inputs, a terminal, and nothing else being written to that."""
    if total > 1 and sys.stderr.isatty() and not (as_json and sys.stdout.isatty()):
        from offing.cli.insights.progress import bar

        with bar(total) as advance:
            yield advance
    else:
        yield lambda: None
