"""What a check finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

from offing.edge.jsonc import Node


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in a configuration: where, what, and what to do about it."""

    node: Node
    """The value that is wrong, or the one that lacks something."""
    wrong: str
    """A sentence without its full stop."""
    remedy: str

    @property
    def line(self) -> int:
        """Counted from 1."""
        return self.node.line

    @property
    def path(self) -> str:
        """Where it is in the document: ``containers[1].instance_type``."""
        return self.node.path
