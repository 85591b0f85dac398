"""``offing xet ls``: the files of a repository, as the hub's pages come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from offing.cli.xet.options import ENDS, of_repository, read_names, read_token

if TYPE_CHECKING:
    from offing.cli.xet.rows import Rows
    from offing.xet.engine.repository import Repository

EPILOG = (
    ENDS
    + """
\b
Examples:
  offing xet ls owner/model
  offing xet ls owner/data train/ --dataset --json | jq -r .path

Kinds: xet is in the content store, in chunks; lfs is kept whole; git is a small file of the repository.
"""
)


@click.command(epilog=EPILOG)
@of_repository
@click.argument("folder", default="", metavar="[FOLDER]")
@click.option("-l", "--long", "form", flag_value="long", help="Sizes in bytes, and whole hashes.")
@click.option("--json", "form", flag_value="json", help="A JSON object a line.")
def command(
    repository: str,
    folder: str,
    *,
    revision: str,
    kind: str | None,
    token_file: Path | None,
    form: str | None,
) -> None:
    """List the files of OWNER/REPO with size, kind and hash."""
    import asyncio

    from offing.cli.xet.rows import ROWS

    asked = read_names(repository, revision, kind)
    asyncio.run(_list(asked, folder.rstrip("/"), read_token(token_file), ROWS[form or "short"]))


async def _list(asked: Repository, folder: str, token: str | None, rows: Rows) -> None:
    from offing.cli.xet.session import opened
    from offing.cli.xet.sizes import spell_size

    count = size = 0
    async with opened(token) as session:
        async for file in session.reader.hub.files(asked, session.token, folder=folder):
            if not count and rows.head:
                click.echo(rows.head)
            click.echo(rows.row(file))
            count, size = count + 1, size + file.size
    click.echo(f"{count} file{'s' * (count != 1)}, {spell_size(size)}", err=True)
