"""``offing xet``: verified downloads, and a hub of one's own; one module a command, loaded when called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "download": "Download files, verified, and resumed where the last try ended.",
    "ls": "List the files of a repository with size, kind and hash.",
    "cache": "List or shrink the cache of verified files.",
    "hub": "Serve a folder of repositories as a Hugging Face compatible hub.",
}


class XetCommands(click.Group):
    """Lists every command without loading any; loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; each module names its own ``command``."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"offing.cli.xet.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, so that help needs no imports."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=XetCommands)
def command() -> None:
    """Download models and data sets, verified and resumable; serve them from a folder."""
