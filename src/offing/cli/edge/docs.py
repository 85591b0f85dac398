"""``offing edge docs``: the pages that the Worker serves, made from the services' own description."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = Path("worker/assets")
ADDRESS = "https://offing.example"
"""What stands for the Worker's address, which only the Worker knows."""
OWN = ("/", "/health", "/docs", "/openapi.json", "/console")
"""Paths of no service that the Worker answers, beside those of the console's files."""


@click.command()
@click.argument("folder", required=False, default=PLACE, type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the pages that describe the services, for the Worker to serve.

    docs.html, openapi.json and the console's files in FOLDER, worker/assets where none is named.
    """
    for name, text in pages().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
        click.echo(folder / name)


def pages() -> Mapping[str, str]:
    """Each file's text by its name: the console's, and of what every service and the Worker itself answer."""
    import json

    from offing.gateway.console_page import FILES, text_of
    from offing.gateway.front import front
    from offing.kernel.app import App
    from offing.kernel.docs_page import page
    from offing.kernel.openapi import document
    from offing.kernel.server_settings import ServerSettings
    from offing.kernel.service import chosen, installed
    from offing.kernel.system_routes import DESCRIPTION

    services = installed()
    operations = App(chosen([]), ServerSettings(), front).operations
    described = document(
        [each for each in operations if each.path in (*OWN, *FILES) or _is_routed(each.path)],
        "Offing",
        DESCRIPTION,
    )
    lines = [line.format(base=ADDRESS) for each in services.values() for line in each.try_it]
    return {
        "docs.html": page(described, lines) + "\n",
        "openapi.json": json.dumps(described, indent=1, ensure_ascii=False) + "\n",
        **{f"console/{name}": text_of(name) for name, _ in FILES.values()},
    }


def _is_routed(path: str) -> bool:
    """Whether the Worker hands a path on: a service's own, or its probes."""
    from offing.kernel.service import installed, owner_of

    services = installed()
    probes = {f"/{name}/{probe}" for name in services for probe in ("health", "livez", "readyz")}
    return path in probes or owner_of(path, services) != ""
