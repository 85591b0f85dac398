"""``offing settings``: every setting with its variable, value, source and meaning."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from offing.cli.rooms import Room
    from offing.kernel.settings import Setting

DOES_NOT_FIT = 2
INTRODUCTION = """\
# Settings

Every setting is an environment variable. One that is empty counts as not set; its own name comes before
the other names that it answers to. Lists are separated by commas, and a lone comma is the empty list.
`offing settings` prints what holds on this machine, and where it comes from.

`offing settings --markdown` writes this page.
"""


@click.command()
@click.option("--json", "form", flag_value="json", help="One JSON object with the settings of each room.")
@click.option(
    "--markdown", "form", flag_value="markdown", help="The reference page: defaults, whatever is set here."
)
def command(form: str | None) -> None:
    """Print every setting with its value, source and meaning.

    Secrets are shown as (set). Exits with 2 where a variable has a value that does not fit.
    """
    from offing.cli.rooms import known_variables, rooms
    from offing.kernel.settings import explain, unrecognized

    environ: dict[str, str] | None = {} if form == "markdown" else None
    explained = {room: list(explain(room.record, room.prefix, environ)) for room in rooms()}
    if form == "markdown":
        click.echo(markdown(explained), nl=False)
        return
    settings = [each for room in explained.values() for each in room]
    click.echo(_json(explained) if form == "json" else _plain(explained))
    for name in unrecognized(known_variables((each.variable, *each.aliases) for each in settings)):
        click.echo(f"offing: {name} is no setting; nothing reads it.", err=True)
    if not all(each.fits for each in settings):
        sys.exit(DOES_NOT_FIT)


def markdown(explained: dict[Room, list[Setting]]) -> str:
    """The reference page: a section a room, with a table of its settings."""
    return "\n".join([INTRODUCTION, *(line for room in explained.items() for line in _section(*room))])


def _section(room: Room, settings: list[Setting]) -> Iterator[str]:
    from offing.kernel.settings import spell

    yield f"## {room.title}\n"
    yield "| Variable | Default | Values | Meaning |"
    yield "| --- | --- | --- | --- |"
    for each in settings:
        default = f"`{spell(each.default)}`" if spell(each.default) else "(empty)"
        aliases = ", ".join(f"`{name}`" for name in each.aliases)
        meaning = f"{each.meaning} Also read: {aliases}." if aliases else each.meaning
        cells = (f"`{each.variable}`", default, _escaped(each.values), meaning.replace("|", r"\|"))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _escaped(text: str) -> str:
    """Text in which Markdown sees no markup, whatever pattern it holds."""
    return re.sub(r"([^\w\s,])", r"\\\1", text)


def _plain(explained: dict[Room, list[Setting]]) -> str:
    return "\n\n".join(
        "\n".join([room.title, *(_entry(each) for each in settings)]) for room, settings in explained.items()
    )


def _entry(setting: Setting) -> str:
    source = "" if setting.source in ("default", setting.variable) else f", from {setting.source}"
    origin = "default" if setting.source == "default" else f"set{source}"
    value = f"{setting.variable}={setting.shown}  ({origin})"
    if not setting.fits:
        value = f"{setting.variable}: {setting.source} must be {setting.values}; its value does not fit"
    also = f" Also read: {', '.join(setting.aliases)}." if setting.aliases else ""
    return f"  {value}\n" + textwrap.fill(
        f"{setting.meaning}{also}", 96, initial_indent=" " * 6, subsequent_indent=" " * 6
    )


def _json(explained: dict[Room, list[Setting]]) -> str:
    import json

    listed = {room.name: [_fields(each) for each in settings] for room, settings in explained.items()}
    return json.dumps(listed, indent=2)


def _fields(setting: Setting) -> dict[str, Any]:
    return {
        "variable": setting.variable,
        "aliases": setting.aliases,
        "value": setting.shown if setting.secret else setting.value,
        "default": setting.default,
        "source": setting.source,
        "fits": setting.fits,
        "values": setting.values,
        "meaning": setting.meaning,
    }
