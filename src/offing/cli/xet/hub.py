"""``offing xet hub``: serve a folder of repositories as a Hugging Face compatible hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

EPILOG = """\b
Examples:
  offing xet hub ./models
  HF_ENDPOINT=http://127.0.0.1:8788 HF_TOKEN=hf_… hf upload acme/model ./weights
  HF_ENDPOINT=http://127.0.0.1:8788 hf download acme/model

The first start writes DIR/tokens.toml with one user who may do everything. Public repositories need no
token to be read; private ones, and every change, do.
"""
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(epilog=EPILOG)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8788, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--public-url", default="", help="What clients reach this hub by.  [default: their Host header]"
)
@click.option("--certificate", type=_EXISTING, help="Serve TLS with this certificate (PEM).")
@click.option("--key", type=_EXISTING, help="The certificate's key, where another file has it.")
@click.option(
    "--token-seconds", type=click.FloatRange(min=1), default=3600.0, help="How long a store token is good."
)
@click.option(
    "--url-seconds", type=click.FloatRange(min=1), default=3600.0, help="How long a signed URL is good."
)
@click.option("--first-version", is_flag=True, help="Answer reconstructions in version 1 only.")
@click.option("--redirects-to", default="", help="Another origin of this hub, to redirect large files to.")
@click.option("--faults", help="For tests: troubles as JSON ({} for none yet), and /-/ to change them.")
def command(
    folder: Path, *, host: str, port: int, certificate: Path | None, key: Path | None, **options: Any
) -> None:
    """Serve the repositories in DIR as a Hugging Face compatible hub with Xet storage.

    Everything is kept in DIR; nothing is committed before it is checked and on the disk.
    """
    from offing.xet.hub.app import HubApp
    from offing.xet.hub.serving import run_hub
    from offing.xet.hub.settings import HubSettings

    faults = _read(options.pop("faults"))
    options["second_version"] = not options.pop("first_version")
    options["public_url"] = options["public_url"].rstrip("/")
    app = HubApp(HubSettings(folder=folder, **options), faults, admin=faults is not None)
    try:
        sys.exit(
            run_hub(app, host, port, lambda base: _announce(base, folder), certificate=certificate, key=key)
        )
    finally:
        app.close()


def _read(faults: str | None) -> Any:
    import msgspec

    from offing.xet.hub.faults import Faults

    if faults is None:
        return None
    try:
        return msgspec.json.decode(faults, type=Faults)
    except msgspec.DecodeError as error:
        raise click.BadParameter(str(error), param_hint="--faults") from None


def _announce(base: str, folder: Path) -> None:
    click.echo(f"offing: hub of {folder} on {base}")
    click.echo(f"  Its users and their tokens stand in {folder / 'tokens.toml'}. Try it:")
    click.echo(f"  HF_ENDPOINT={base} HF_TOKEN=hf_… hf upload OWNER/NAME FOLDER")
    sys.stdout.flush()
