"""``offing key``: an API key for a client, and the hash of it for the server."""

from __future__ import annotations

import sys

import click

GUIDE = """\
key   {key}
hash  {hashed}

Give the key to the client, which sends it in the header X-API-Key. It is kept nowhere: note it now.
Give the hash to the server, separated by commas from those of other keys:

  OFFING_API_KEYS={hashed} offing serve
"""


@click.command()
@click.option("--hash", "hash_only", is_flag=True, help="Read a key from standard input and print its hash.")
def command(*, hash_only: bool) -> None:
    """Make an API key and the hash that goes into the settings."""
    from offing.kernel.api_keys import hash_of, new_key

    if hash_only:
        click.echo(hash_of(_given()))
        return
    key, hashed = new_key()
    click.echo(GUIDE.format(key=key, hashed=hashed), nl=False)


def _given() -> str:
    """A key from standard input; from a terminal without showing it."""
    if sys.stdin.isatty():
        return str(click.prompt("Key", hide_input=True, err=True)).strip()
    if not (key := sys.stdin.readline().strip()):
        raise click.UsageError("Standard input holds no key.")
    return key
