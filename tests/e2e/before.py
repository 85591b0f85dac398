"""The version before this one: its sources, and configurations of a Worker with the images of another."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path

from offing.edge.configuration import deployments, read_file
from offing.edge.deploy.part import plain
from tests.e2e.edge import WORKER
from tests.e2e.engine import ROOT

SOURCES = ("src", "Dockerfile", "requirements", "worker/src")
"""What makes a version another one to Worker and images."""
DEEPEST, GIT_SECONDS = 50, 60


def version_before() -> str:
    """The newest tag, or else the newest commit, that has other sources; "" where this clone has none."""
    tags = _git("tag", "--list", "v*", "--sort=-v:refname", "--merged", "HEAD").decode().split()
    commits = _git("rev-list", f"--max-count={DEEPEST}", "HEAD", "--", *SOURCES).decode().split()
    return next((each for each in (*tags, *commits) if _differs(each)), "")


def unpacked(version: str, folder: Path) -> Path:
    """The folder, with all sources of a version in it, and the packages of today's Worker."""
    with tarfile.open(fileobj=io.BytesIO(_git("archive", version))) as archive:
        archive.extractall(folder, filter="data")
    (folder / "worker" / "node_modules").symlink_to(WORKER / "node_modules")
    return folder


def configuration(worker: Path, images: Path, place: Path) -> Path:
    """A configuration that runs the Worker of one checkout with the images of another."""
    (whole, *_) = deployments(read_file(worker / "worker" / "wrangler.jsonc"))
    document = plain(whole.root)
    document["main"] = str(worker / "worker" / document["main"])
    for container in document["containers"]:
        container |= {"image": str(images / "Dockerfile"), "image_build_context": str(images)}
    if assets := document.get("assets"):
        assets["directory"] = str(worker / "worker" / assets["directory"])
    place.write_text(json.dumps(document))
    return place


def _differs(version: str) -> bool:
    command = ["git", "diff", "--quiet", version, "--", *SOURCES]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), timeout=GIT_SECONDS, check=False)
    return done.returncode == 1


def _git(*arguments: str) -> bytes:
    """What git prints; nothing where this is no clone."""
    try:
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607  whichever is on the path
            cwd=ROOT, env=_environment(), capture_output=True, timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return b""
    return done.stdout


def _environment() -> dict[str, str]:
    return os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
