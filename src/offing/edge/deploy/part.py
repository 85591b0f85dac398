"""A part of the services: the configuration that wrangler is handed for it.

It is written beside the one that it comes from, so that every path in it stays right.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from offing.edge.configuration import Deployment, words
from offing.edge.jsonc import Node
from offing.kernel.problems import Problem

FILE = ".wrangler.part.json"
SERVICES, KEEP_WARM = "SERVICES", "KEEP_WARM"


class NoSuchPart(Problem):
    """A service was to be deployed that has no container in the configuration."""

    code = "no-such-part"
    text = "The configuration has no container for that service."
    remedy = 'Name services that have one: SERVICES="ocr xet".'
    exit_code = 2


def part(deployment: Deployment, services: Sequence[str]) -> dict[str, Any]:
    """The document for these services alone: their containers, and the variable that tells the Worker.

    The classes of the others stay bound and their objects stay stored, so that a later deploy may bring them
    back. Raises :class:`NoSuchPart`.
    """
    there = [each.service for each in deployment.containers]
    if unknown := [each for each in services if each not in there]:
        raise NoSuchPart(f"The configuration has no container for {unknown[0]!r}; it has {', '.join(there)}.")
    document: dict[str, Any] = plain(deployment.root)
    document["containers"] = [plain(each.node) for each in deployment.containers if each.service in services]
    variables = document.setdefault("vars", {})
    variables[SERVICES] = " ".join(services)
    if KEEP_WARM in variables:
        variables[KEEP_WARM] = " ".join(_kept(variables[KEEP_WARM], services))
    return document


@contextmanager
def written(document: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """The document as a file beside the configuration, as long as it is needed."""
    place = folder / FILE
    place.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    try:
        yield place
    finally:
        place.unlink(missing_ok=True)


def plain(node: Node) -> Any:
    """A value without its lines and comments."""
    if isinstance(node.value, dict):
        return {name: plain(each) for name, each in node.value.items()}
    if isinstance(node.value, list):
        return [plain(each) for each in node.value]
    return node.value


def _kept(names: object, services: Collection[str]) -> list[str]:
    return [each for each in words(names) if each in services]
