"""What the commands that ask a hub take in common: the repository, its revision, and the token."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from offing.xet.engine.repository import Repository

LONGEST_TOKEN = 4096
ENDS = """\b
Exit codes:
  0    done
  1    some files failed, for different reasons; standard error says which, and why
  2    the command, a name or a setting is wrong
  3    the disk does not take it
  4    no such repository, revision or file, or no right to it
  5    the hub or its content store failed, or the network did
  6    what came is not the file that the hub names
  130  Ctrl-C
"""

Command = Callable[..., None]


def of_repository(command: Command) -> Command:
    """Give a command the repository and who asks: ``repository``, ``revision``, ``kind``, ``token_file``."""
    for option in reversed(
        [
            click.argument("repository", metavar="OWNER/REPO"),
            click.option(
                "--revision", default="main", show_default=True, help="A branch, a tag or a commit."
            ),
            click.option("--dataset", "kind", flag_value="datasets", help="It is a dataset."),
            click.option("--space", "kind", flag_value="spaces", help="It is a space."),
            click.option(
                "--token-file",
                type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
                help="File that holds the hub's token; - is standard input.  [default: HF_TOKEN]",
            ),
        ]
    ):
        command = option(command)
    return command


def read_names(repository: str, revision: str, kind: str | None) -> Repository:
    """The repository that is meant. Raises BadName."""
    from offing.cli.xet.advice import advised
    from offing.xet.engine.repository import Repository, read_repository

    with advised():
        if kind is None:
            return read_repository(repository, revision)
        named: Any = kind
        return Repository(repository.removeprefix(f"{kind}/"), named, revision)


def read_token(file: Path | None) -> str | None:
    """The token in a file. Raises ``click.UsageError`` where there is none."""
    if file is None:
        return None
    try:
        with click.open_file(str(file), "rb") as opened:
            token = str(opened.read(LONGEST_TOKEN), "ascii").strip()
    except (OSError, ValueError):
        token = ""
    if not token or not token.isprintable() or " " in token:
        raise click.UsageError(f"There is no token in {file}.")
    return token
