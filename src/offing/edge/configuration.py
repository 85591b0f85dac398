"""What a wrangler configuration deploys: its containers, the objects that own them, its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from offing.edge.instance_types import NAMED, UNSET, InstanceType, custom
from offing.edge.jsonc import Node, Unreadable, read

USUAL_PLACES = (Path("worker/wrangler.jsonc"), Path("wrangler.jsonc"))
SECONDS_OF = {"s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"([0-9]{1,9})([smh])")


@dataclass(frozen=True)
class Container:
    """One entry of ``containers``."""

    node: Node
    class_name: str
    """The class of the Durable Objects that own it."""
    service: str
    """What ``image_vars`` puts into the image; "" where they name nothing."""
    binding: str
    """What the Worker calls the class, and what the names of its variables begin with; "" where it can't."""

    @property
    def kind(self) -> InstanceType | None:
        """Its instance type; None where the configuration names none that there is."""
        given = self.node.get("instance_type")
        if given is None:
            return UNSET
        if isinstance(given.value, str):
            return NAMED.get(given.value)
        limits = {name: each.value for name, each in given.members().items()}
        numbers = [limits.get(name) for name in ("vcpu", "memory_mib", "disk_mb")]
        if not all(each is None or is_number(each) for each in numbers):
            return None
        return custom(*numbers)


@dataclass(frozen=True)
class Deployment:
    """What one environment of a configuration deploys."""

    root: Node
    section: Node
    """The whole document, or the environment's part of it."""

    @property
    def containers(self) -> list[Container]:
        """Its containers, in order."""
        names = {each.text("class_name"): each.text("name") for each in self.bindings}
        return [
            Container(
                each,
                each.text("class_name"),
                _member(each, "image_vars").text("SERVICE"),
                names.get(each.text("class_name"), ""),
            )
            for each in _member(self.section, "containers").items()
        ]

    @property
    def bindings(self) -> list[Node]:
        """The Durable Objects that the Worker itself defines and knows by a name."""
        objects = _member(self.section, "durable_objects")
        return [each for each in _member(objects, "bindings").items() if not each.text("script_name")]

    @property
    def variables(self) -> Mapping[str, Node]:
        """What the Worker is given in plain."""
        return _member(self.section, "vars").members()

    @property
    def secrets(self) -> list[Node]:
        """The names of the secrets without which wrangler refuses to deploy."""
        return _member(_member(self.section, "secrets"), "required").items()

    def listed(self, *names: str) -> list[Node]:
        """The items of a list below its members: ``listed("queues", "consumers")``."""
        node = self.section
        for name in names:
            node = _member(node, name)
        return node.items()

    def inherited(self, name: str) -> Node:
        """A member that an environment has from the document where it has none of its own."""
        return self.section.get(name) or _member(self.root, name)


def read_file(path: Path) -> Node:
    """A configuration's document. Raises :class:`~offing.edge.jsonc.Unreadable`."""
    try:
        return read(path.read_text("utf-8"))
    except OSError as error:
        raise Unreadable(
            f"{path} can't be opened: {error.strerror}.", remedy="Name a wrangler.jsonc."
        ) from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is no UTF-8.") from None
    except Unreadable as problem:
        raise Unreadable(f"{path}: {problem.public_text}") from None


def deployments(document: Node) -> list[Deployment]:
    """What the document deploys by itself, and in each environment that has containers."""
    named = _member(document, "env").members().values()
    return [
        Deployment(document, document),
        *(Deployment(document, each) for each in named if each.get("containers") is not None),
    ]


def usual_place(folder: Path) -> Path | None:
    """The configuration of a checkout, seen from its root or from its Worker."""
    return next((folder / place for place in USUAL_PLACES if (folder / place).is_file()), None)


def seconds(given: object) -> int | float | None:
    """A ``sleepAfter`` in seconds: given as such, or as a whole number with s, m or h. None for all else."""
    if is_number(given):
        return given
    written = _DURATION.fullmatch(given) if isinstance(given, str) else None
    return None if written is None else int(written[1]) * SECONDS_OF[written[2]]


def words(given: object) -> list[str]:
    """The names in a variable that lists some, separated by spaces or commas; none of what is no text."""
    return given.replace(",", " ").split() if isinstance(given, str) else []


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value of JSON is a number; Python takes true and false for some."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _member(node: Node, name: str) -> Node:
    """A member, or an empty value in its place."""
    return node.get(name) or Node(None, node.line, f"{node.path}.{name}" if node.path else name)
