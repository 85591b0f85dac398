"""Whether the images that were built here fit the disks of their instances; a Docker engine tells."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from offing.edge.check.dockerfile import is_at_a_registry
from offing.edge.check.finding import Finding
from offing.edge.configuration import Container, Deployment
from offing.kernel.settings import environment

ANSWER_SECONDS = 10
GIGABYTE = 1000**3


@dataclass(frozen=True)
class Sizes:
    """What was found of the images' sizes, what fits, and what could not be looked at."""

    findings: tuple[Finding, ...]
    fitting: tuple[str, ...]
    """A sentence for each image."""
    left_out: tuple[str, ...]
    """Likewise, with the reason."""


def check_sizes(deployments: Iterable[Deployment]) -> Sizes:
    """Compare each image with its instance's disk, as far as there is an engine that has it."""
    program = environment().get("WRANGLER_DOCKER_BIN") or "docker"
    if shutil.which(program) is None:
        return Sizes((), (), (f"image sizes: {program} is not installed",))
    if not _ask(program, "version", "--format", "{{.Server.Version}}"):
        return Sizes((), (), ("image sizes: the Docker engine does not answer",))
    found, fitting, left_out = list[Finding](), list[str](), list[str]()
    for container in [each for deployment in deployments for each in deployment.containers]:
        image, kind = _image(container), container.kind
        size = _ask(program, "image", "inspect", "--format", "{{.Size}}", image) if image else ""
        if not size.isdigit() or kind is None:
            left_out.append(f"the size of {image or container.class_name}: {_reason(container)}")
            continue
        told = f"{image} is {int(size) / GIGABYTE:.2f} GB, its disk {kind.disk:g} GB"
        if int(size) > kind.disk * GIGABYTE:
            remedy = "Name a type with a larger disk, or make the image smaller."
            found.append(Finding(container.node, f"the image does not fit: {told}", remedy))
        else:
            fitting.append(told)
    return Sizes(tuple(found), tuple(dict.fromkeys(fitting)), tuple(dict.fromkeys(left_out)))


def _image(container: Container) -> str:
    """What the engine here calls a container's image; "" where nobody can know."""
    image = container.node.text("image")
    if is_at_a_registry(image):
        return image
    return f"offing-{container.service}:local" if container.service else ""


def _reason(container: Container) -> str:
    if container.kind is None:
        return "its instance type is not known"
    if is_at_a_registry(container.node.text("image")):
        return "the engine here doesn't have it"
    return f"`make image SERVICE={container.service}` builds it"


def _ask(program: str, *arguments: str) -> str:
    """What a program prints; "" where it fails or hangs."""
    try:
        answer = subprocess.run(  # noqa: S603  a program of the user's own path
            [program, *arguments], capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
