"""Checks of a wrangler configuration: what wrangler itself finds only on deploying, or never."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from offing.edge.check.bindings import check_bindings
from offing.edge.check.classes import check_classes
from offing.edge.check.dockerfile import check_images
from offing.edge.check.finding import Finding
from offing.edge.check.instances import check_instances
from offing.edge.check.secrets import check_secrets
from offing.edge.check.types import check_types
from offing.edge.check.variables import check_variables
from offing.edge.check.worker_variables import check_worker_variables
from offing.edge.configuration import Deployment, deployments
from offing.edge.jsonc import Node

__all__ = ["Finding", "Records", "check"]

Records = Sequence[tuple[type[msgspec.Struct], str]]
"""Records of settings, each with what the names of its variables begin with."""


def check(document: Node, folder: Path, services: Sequence[str], records: Records) -> list[Finding]:
    """Everything that is wrong in a configuration, in the order of its lines.

    ``folder`` is the file's own, from which its paths start; ``services`` must each have a container;
    ``records`` are the settings that the containers know.
    """
    found = [*_repeated(document)]
    for deployment in deployments(document):
        found += _of(deployment, folder, services, records)
    return sorted(dict.fromkeys(found), key=lambda each: each.line)


def _of(deployment: Deployment, folder: Path, services: Sequence[str], records: Records) -> Iterator[Finding]:
    yield from check_classes(deployment, services)
    yield from check_types(deployment)
    yield from check_instances(deployment)
    yield from check_images(deployment, folder)
    yield from check_bindings(deployment, folder)
    yield from check_variables(deployment, records)
    yield from check_worker_variables(deployment)
    yield from check_secrets(deployment, records)


def _repeated(document: Node) -> Iterator[Finding]:
    for node in document.walk():
        for earlier in node.repeated:
            name = earlier.path.rpartition(".")[2]
            yield Finding(
                earlier, f"{name} stands here twice, and this one doesn't count", "Remove one of them."
            )
