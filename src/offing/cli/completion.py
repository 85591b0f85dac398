"""``offing completion``: the script by which a shell completes commands, options and metrics."""

from __future__ import annotations

import click

PLACES = """\b
Install:
  bash  offing completion bash > ~/.local/share/bash-completion/completions/offing
  zsh   offing completion zsh > "${fpath[1]}/_offing"
  fish  offing completion fish > ~/.config/fish/completions/offing.fish
"""


@click.command(epilog=PLACES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands in SHELL."""
    from click.shell_completion import get_completion_class

    from offing.cli.entry import program

    kind = get_completion_class(shell)
    if kind is None:  # click brings all three
        raise click.UsageError(f"No completion for {shell}.")
    click.echo(kind(program, {}, "offing", "_OFFING_COMPLETE").source())
