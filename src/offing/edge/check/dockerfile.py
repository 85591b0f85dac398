"""Whether each image's Dockerfile is there, and has the stage that its container asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from offing.edge.check.finding import Finding
from offing.edge.configuration import Container, Deployment
from offing.edge.jsonc import Node

_STAGE = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*\S+\s+AS\s+(\S+)\s*$", re.IGNORECASE | re.MULTILINE)
_SERVICE = re.compile(r"^\s*ARG\s+SERVICE\b", re.IGNORECASE | re.MULTILINE)
_REGISTRY = re.compile(r"[a-z0-9.-]+\.[a-z]+(:[0-9]+)?/")
_BUILDS = ("build", "runtime")
"""Stages that are no service."""


def check_images(deployment: Deployment, folder: Path) -> Iterator[Finding]:
    """What is wrong with the images' sources; one that a registry has is not looked at."""
    for container in deployment.containers:
        image = container.node.get("image")
        if image is None or not isinstance(image.value, str) or not image.value:
            yield Finding(
                container.node, "no image is given", "Name a Dockerfile, or an image of a registry."
            )
        elif not is_at_a_registry(image.value):
            yield from _built(container, image, folder)


def is_at_a_registry(image: str) -> bool:
    """Whether an image is named by the address of a registry, not by a Dockerfile."""
    return _REGISTRY.match(image) is not None


def _built(container: Container, image: Node, folder: Path) -> Iterator[Finding]:
    try:
        text = (folder / image.value).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        yield Finding(
            image, f"there is no Dockerfile {image.value}", "Paths start at the configuration's folder."
        )
        return
    context = container.node.get("image_build_context")
    if context is not None and not (folder / str(context.value)).is_dir():
        yield Finding(
            context, f"there is no folder {context.value}", "Paths start at the configuration's folder."
        )
    if _SERVICE.search(text):
        yield from _stage(container, [name for name in _STAGE.findall(text) if name not in _BUILDS])


def _stage(container: Container, stages: list[str]) -> Iterator[Finding]:
    remedy = f'Give image_vars with "SERVICE": one of {", ".join(stages)}.'
    if not container.service:
        yield Finding(container.node, "image_vars doesn't say which SERVICE the image is built with", remedy)
    elif container.service not in stages:
        given = container.node.members()["image_vars"].members()["SERVICE"]
        yield Finding(given, f"the Dockerfile has no stage {container.service}", remedy)
