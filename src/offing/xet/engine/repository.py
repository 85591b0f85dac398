"""What a hub's repositories, revisions and files are called, and how the names stand in its URLs.

A name is checked before it is used: what passes has one meaning as a part of a URL and as a path below a
folder, so that no name leads out of a repository, at the hub or on disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote

from offing.xet.problems import BadName

PUBLIC_HUB = "https://huggingface.co"

Kind = Literal["models", "datasets", "spaces"]
KINDS: tuple[Kind, ...] = get_args(Kind)

LONGEST_REVISION = 255
LONGEST_PATH = 2048
LONGEST_SEGMENT = 255
"""In bytes of UTF-8; file systems end here as well."""

_PART = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_RESERVED = frozenset({"api", *KINDS})
"""An owner of such a name would make a model's URL that of a data set."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_UNFIT_REVISION = re.compile(r"[ ~^:?*\[]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\A[-./]|[./]\Z|\A@\Z")
"""What git refuses in the name of a reference (git-check-ref-format), so that no hub can have it."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository at one revision. Raises :class:`~offing.xet.problems.BadName` for what cannot be one."""

    name: str
    """``owner/repo``, or ``repo`` alone as the oldest ones are called; each part up to 96 characters."""
    kind: Kind = "models"
    revision: str = "main"
    """A branch, a tag, a commit or a full reference such as ``refs/pr/1``; up to 255 bytes."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadName
        check_name(self.name)
        check_revision(self.revision)

    @property
    def full_name(self) -> str:
        """The name as it stands in a hub's page addresses, with the kind before it unless it is a model's."""
        return self.name if self.kind == "models" else f"{self.kind}/{self.name}"

    def at(self, revision: str) -> Repository:
        """The same repository at another revision."""
        return Repository(self.name, self.kind, revision)

    def file_target(self, path: str) -> str:
        """The path of a URL where the hub has a file. Raises BadName."""
        check_path(path)
        return f"/{self.full_name}/resolve/{self._quoted_revision}/{quote(path)}"

    def tree_target(self, folder: str = "") -> str:
        """The path of a URL where the hub lists a folder. Raises BadName."""
        if folder:
            check_path(folder)
        below = f"/{quote(folder)}" if folder else ""
        return f"{self._api}/tree/{self._quoted_revision}{below}"

    @property
    def info_target(self) -> str:
        """The path of a URL where the hub describes the revision."""
        return f"{self._api}/revision/{self._quoted_revision}"

    @property
    def token_target(self) -> str:
        """The path of a URL where the hub gives tokens for reading from its content store."""
        return f"{self._api}/xet-read-token/{self._quoted_revision}"

    @property
    def _api(self) -> str:
        return f"/api/{self.kind}/{self.name}"

    @property
    def _quoted_revision(self) -> str:
        return quote(self.revision, safe="")


def read_repository(text: str, revision: str = "main") -> Repository:
    """The repository of a full name: ``owner/repo``, ``datasets/owner/repo``, ``spaces/owner/repo``.

    Raises :class:`~offing.xet.problems.BadName`.
    """
    first, slash, rest = text.partition("/")
    if slash and first in KINDS:
        return Repository(rest, first, revision)
    return Repository(text, "models", revision)


def check_name(name: str) -> None:
    """Raise BadName unless a hub's repository can be called so."""
    parts = name.split("/", 2)
    if len(parts) > 2 or not all(map(_PART.fullmatch, parts)):  # noqa: PLR2004  an owner and a repository
        raise BadName
    if "--" in name or ".." in name or name.lower().endswith(".git") or parts[0].lower() in _RESERVED:
        raise BadName


def check_revision(revision: str) -> None:
    """Raise BadName unless git can have a branch, tag, commit or reference of this name."""
    _check_text(revision, LONGEST_REVISION)
    if _UNFIT_REVISION.search(revision):
        raise BadName


def check_path(path: str) -> None:
    """Raise BadName unless a repository can have a file or a folder at this path.

    Relative, parts joined by ``/``; none is empty, ``.``, ``..`` or ``.git``, longer than 255 bytes, or
    has a backslash or a control character.
    """
    _check_text(path, LONGEST_PATH)
    for part in path.split("/"):
        if part in ("", ".", "..") or part.lower() == ".git" or len(part.encode()) > LONGEST_SEGMENT:
            raise BadName


def _check_text(text: str, longest: int) -> None:
    # The length comes first: a long text is not even looked through.
    if not 0 < len(text) <= longest or _UNPRINTABLE.search(text) or len(text.encode()) > longest:
        raise BadName
