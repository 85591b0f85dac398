"""``offing completion``: the script by which a shell completes commands, options and metrics."""

from __future__ import annotations

import click

INSTALL = """\b
Install it by a line in the shell's own start file:
  bash  ~/.bashrc                   eval "$(offing completion bash)"
  zsh   ~/.zshrc                    eval "$(offing completion zsh)"
  fish  ~/.config/fish/config.fish  offing completion fish | source
"""


@click.command(epilog=INSTALL)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the script that completes commands in a shell."""
    from click.shell_completion import get_completion_class

    from offing.cli.entry import program

    kind = get_completion_class(shell)
    if kind is None:  # click brings all three
        raise click.UsageError(f"No completion for {shell}.")
    click.echo(kind(program, {}, "offing", "_OFFING_COMPLETE").source())
