"""``offing xet``: verified downloads, and a hub of one's own; one module a command, loaded when called."""

from __future__ import annotations

import click

from offing.cli.group import LazyGroup

COMMANDS = {
    "download": "Download files, verified, and resumed where the last try ended.",
    "ls": "List the files of a repository with size, kind and hash.",
    "cache": "List or shrink the cache of verified files.",
    "hub": "Serve a folder of repositories as a Hugging Face compatible hub.",
}


@click.group(cls=LazyGroup, package=__name__, summaries=COMMANDS)
def command() -> None:
    """Download models and data sets, verified and resumable; serve them from a folder."""
