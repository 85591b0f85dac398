"""The program against a hub: what it is told, and what the hub has."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

from tests.cli.program import run
from tests.xet.hub_fixture import RunningHub

_RANDOM = random.Random(8)  # noqa: S311  the same files in every run
MODEL = {
    "weights.bin": _RANDOM.randbytes(6_000_000),
    "config.json": b'{"layers": 2}\n',
    "deep/er/part.bin": _RANDOM.randbytes(300_000),
    "deep/words.txt": b"some words\n",
    "odd name's #1%.txt": b"odd\n",
}
DATA = {"train/a.parquet": _RANDOM.randbytes(200_000), "train/b.csv": b"1,2\n"}
OLD = b"as it was\n"


def fill(hub: RunningHub) -> None:
    """Upload everything."""
    hub.upload("acme/model", MODEL)
    hub.upload("acme/model", {"config.json": OLD}, revision="v1")
    hub.upload("acme/data", DATA, "datasets")
    hub.upload("acme/secret", {"secret.txt": b"secret\n"}, private=True)
    hub.upload("acme/sly", {"fine.txt": b"fine\n", ".offing/it.part": b"sly\n"})


def xet(
    hub: RunningHub, *arguments: str | Path, cwd: Path | None = None, token: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Run ``offing xet`` to its end."""
    return run("xet", *arguments, cwd=cwd, HF_ENDPOINT=hub.base, HF_TOKEN=token)


def below(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with those that begin with a dot."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
