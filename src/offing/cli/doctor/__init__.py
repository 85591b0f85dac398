"""``offing doctor``: what is here, what is missing, and how to get it."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from offing.cli.doctor.check import Check

NAME_COLUMNS, STATE_COLUMNS, WIDTH = 12, 8, 96
EPILOG = """\b
  ok       it is here and works
  note     serving works without it
  missing  serving needs it
  failed   it is here and does not work

\b
Exit codes:
  0    this machine can serve
  1    it cannot: something is missing or failed
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(*, as_json: bool) -> None:
    """Say what is missing on this machine, and how to get it.

    Each installed service is started, and answers a real request.
    """
    found = []
    for check in checks():
        found.append(check)
        if not as_json:
            click.echo(line(check))
    stopped = [check for check in found if check.stops_serving]
    if as_json:
        click.echo(_json(found))
    elif stopped:
        click.echo(f"\nThis machine cannot serve yet: {len(stopped)} to mend.")
    else:
        click.echo("\nThis machine can serve: offing serve")
    sys.exit(1 if stopped else 0)


def checks() -> Iterator[Check]:
    """Every check, as it is done."""
    from offing.cli.doctor import edge, machine, packages
    from offing.cli.doctor.check import guarded

    yield from guarded("Python", machine.python)
    kernel = guarded("kernel", packages.kernel)
    yield from kernel
    if not any(check.stops_serving for check in kernel):  # what follows is built on it
        yield from _of_serving()
    yield from guarded("processors", machine.processors)
    yield from guarded("memory", machine.memory)
    yield from guarded("Node.js", edge.node)
    yield from guarded("Docker", edge.docker)


def _of_serving() -> Iterator[Check]:
    from offing.cli.doctor import formats, insights, machine, ocr, services, xet
    from offing.cli.doctor.check import guarded

    settings = guarded("settings", services.settings)
    yield from settings
    if not any(check.stops_serving for check in settings):  # nothing starts before they are mended
        yield from guarded("services", services.services)
        yield from guarded("insights", insights.insights)
        yield from guarded("ocr", ocr.ocr)
        yield from guarded("xet", xet.xet)
        yield from guarded("formats", formats.formats)
        yield from guarded("port", machine.port)


def line(check: Check) -> str:
    """A check as a line, with what to do below it."""
    hang = " " * (STATE_COLUMNS + NAME_COLUMNS + 2)
    head = f"{check.state:<{STATE_COLUMNS}} {check.name:<{NAME_COLUMNS}} "
    text = textwrap.fill(f"{head}{check.detail}", WIDTH, subsequent_indent=hang, break_on_hyphens=False)
    if not check.remedy:
        return text
    return f"{text}\n" + textwrap.indent(textwrap.fill(check.remedy, WIDTH - len(hang)), hang)


def _json(found: list[Check]) -> str:
    import json

    listed = [
        {"name": each.name, "state": each.state, "detail": each.detail, "remedy": each.remedy}
        for each in found
    ]
    return json.dumps({"serves": not any(each.stops_serving for each in found), "checks": listed}, indent=2)
