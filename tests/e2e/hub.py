"""A hub for the containers: a process of its own, at the address by which containers reach this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.xet.prepare import prepare
from tests.e2e.engine import ROOT, docker
from tests.e2e.files import MODEL, SIZES, pieces
from tests.xet.hub_fixture import OWNER_TOKEN

STOP_SECONDS = 15


@dataclass(frozen=True)
class Hub:
    """A hub that runs; it holds what the contract asks for, and the files of SIZES."""

    url: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """What a container is told of it."""


@contextmanager
def filled_hub(folder: Path) -> Iterator[Hub]:
    """A hub that keeps its files in a folder."""
    prepare(folder)
    with hub_process(folder / "hub") as url:
        _fill(url, folder)
        yield Hub(url, folder / "hub", {"HF_ENDPOINT": url})


@contextmanager
def hub_process(folder: Path, *options: str) -> Iterator[str]:
    """The URL of a hub that serves a folder to this machine and its containers."""
    command = [sys.executable, "-m", "offing", "xet", "hub", str(folder), "--host", gateway(), "--port", "0"]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def gateway() -> str:
    """The address that this machine has for its containers, and for nobody outside."""
    return docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")


def _fill(url: str, folder: Path) -> None:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=url, token=OWNER_TOKEN)
    api.create_repo(MODEL)
    for name, size in SIZES.items():
        place = folder / name
        with place.open("wb") as file:
            file.writelines(pieces(size))
        api.upload_file(path_or_fileobj=place, path_in_repo=name, repo_id=MODEL)
        place.unlink()
