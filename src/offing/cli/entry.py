"""The entry point: finds the command, and turns a problem into a line and an exit code."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

import click

import offing
from offing.kernel.problems import Problem

COMMANDS = {
    "serve": "Serve installed services over HTTP.",
    "insights": "Tell how bright images are, and more.",
    "ocr": "Read the text of images and PDFs.",
    "xet": "Download models and data sets, verified and resumable; serve them from a folder.",
    "edge": "Deploy to Cloudflare: check, price, do it, and say what is there.",
    "doctor": "Say what is missing on this machine, and how to get it.",
    "settings": "Print every setting with its value, source and meaning.",
    "key": "Make an API key and the hash that goes into the settings.",
    "completion": "Print the script that completes commands in a shell.",
}


class Commands(click.Group):
    """Lists every command without loading any; loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order that a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; each module names its own ``command``."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"offing.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; where none is called so, the one that was likely meant is named."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            meant = "".join(f" Did you mean {name!r}?" for name in get_close_matches(args[0], COMMANDS, 1))
            ctx.fail(f"No such command {args[0]!r}.{meant}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end as programs do that Ctrl-C or a closed pipe stops, without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        except BrokenPipeError:  # who read the output has left, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(128 + signal.SIGPIPE)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, so that help needs no imports."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(offing.__version__, prog_name="offing")
def program() -> None:
    """Small heavy services in containers just beyond your application.

    `offing serve` runs them here; `offing edge deploy` runs them on Cloudflare.
    """


def main() -> None:
    """Run the command line; the program of the package."""
    try:
        program(prog_name="offing")
    except Problem as problem:
        click.echo(f"offing: {problem.public_text} {problem.public_remedy}", err=True)
        sys.exit(problem.exit_code)
