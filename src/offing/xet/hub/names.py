"""Names of repositories, revisions and files, as they may be."""

from __future__ import annotations

import re
from typing import NamedTuple

from offing.xet.hub.refusals import bad, no_repository

KINDS = ("models", "datasets", "spaces")
LONGEST_PATH = 1024
DEEPEST = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")
_RESERVED = frozenset({"api", "datasets", "spaces", "models", "v1", "v2", "xorbs", "contents"})


class RepositoryName(NamedTuple):
    """Which repository; each part is safe as the name of a folder."""

    kind: str
    owner: str
    name: str

    @property
    def short(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"

    def __str__(self) -> str:
        return "/".join(self)


def repository_name(kind: str, owner: str, name: str) -> RepositoryName:
    """A checked name. Raises Refusal (404) for one that no repository has."""
    fits = kind in KINDS and owner not in _RESERVED and all(map(_fits, (owner, name)))
    if not fits:
        raise no_repository(anonymous=False)
    return RepositoryName(kind, owner, name)


def _fits(part: str) -> bool:
    return _NAME.fullmatch(part) is not None and ".." not in part and not part.endswith((".git", ".lock"))


def check_path(path: str) -> str:
    """A file's path within a repository. Raises Refusal (400) for one that no git tree could hold."""
    parts = path.split("/")
    if (
        len(path.encode(errors="replace")) > LONGEST_PATH
        or len(parts) > DEEPEST
        or any(part in ("", ".", "..", ".git") for part in parts)
        or not path.isprintable()
    ):
        raise bad("Not a path of a file in a repository.")
    return path


def check_reference(name: str) -> str:
    """The name of a branch or tag. Raises Refusal (400)."""
    if not _REVISION.fullmatch(name) or ".." in name or "//" in name or name.endswith(("/", ".", ".lock")):
        raise bad("Not a name of a branch or tag.")
    return name
