"""``offing xet download``: files of a repository into a folder, verified, resumed where they ended.

selection (which files) ── places (where to) ── work (side by side) ── progress
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from offing.cli.xet.options import ENDS, of_repository, read_names, read_token

EPILOG = (
    ENDS
    + """
\b
Examples:
  offing xet download owner/model
  offing xet download owner/model config.json weights/ -o model/
  offing xet download owner/data --dataset --include '*.parquet' --revision v1.0
  HF_ENDPOINT=http://127.0.0.1:8788 offing xet download acme/model

The same command again goes on where the last one ended, whatever ended it.
"""
)


@click.command(epilog=EPILOG)
@of_repository
@click.argument("files", nargs=-1, metavar="[FILE|FOLDER/...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder to put them in, under their own names.  [default: the repository's name]",
)
@click.option(
    "--include", multiple=True, metavar="PATTERN", help="Only files whose path matches, as '*.safetensors'."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Not those whose path matches.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    help="Files at a time; of each, several parts come at once.",
)
@click.option(
    "--sha256/--no-sha256",
    default=True,
    help="Compare with the SHA-256 that the hub tells, besides the Merkle tree that Xet files have.  "
    "[default: yes]",
)
def command(
    repository: str,
    files: tuple[str, ...],
    *,
    revision: str,
    kind: str | None,
    token_file: Path | None,
    output: Path | None,
    **given: Any,
) -> None:
    """Download files of OWNER/REPO, or all of them.

    A file has its name only once all of it is verified. What is there already and right is not fetched
    again; what an earlier download left is taken up.
    """
    import uvloop

    from offing.cli.xet.order import Order, carry_out
    from offing.cli.xet.selection import Patterns

    asked = read_names(repository, revision, kind)
    patterns = Patterns(given.pop("include"), given.pop("exclude"))
    folder = output if output is not None else Path(asked.name.rpartition("/")[2])
    order = Order(asked, files, patterns, folder, read_token(token_file), **given)
    try:
        outcome = uvloop.run(carry_out(order))
    except KeyboardInterrupt:
        click.echo("offing: Stopped. The same command goes on from here.", err=True)
        raise
    if not sys.stdout.isatty():
        for _, place in sorted(outcome.files.items()):
            click.echo(place)
    sys.exit(outcome.exit_code)
