"""The files that paths of requests name.

A path is read as it was sent: once decoded, the slashes of a revision cannot be told from the others.
"""

from __future__ import annotations

from urllib.parse import unquote

from starlette.requests import Request

from offing.xet.engine.repository import KINDS, Kind, Repository
from offing.xet.problems import BadName

OTHER_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS if kind != "models"}


def segments(request: Request) -> list[str]:
    """The parts of the path between slashes, each decoded."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    try:
        return [unquote(part, errors="strict") for part in raw.decode("ascii").split("/")[1:]]
    except UnicodeDecodeError:
        raise BadName from None


def read_repository(parts: list[str], revision: str) -> tuple[Repository, list[str]]:
    """The repository that parts of a path begin with, and the parts after it."""
    kind: Kind = "models"
    if parts and parts[0] in OTHER_KINDS:
        kind, parts = OTHER_KINDS[parts[0]], parts[1:]
    if len(parts) < 2:  # noqa: PLR2004  owner and name
        raise BadName
    return Repository("/".join(parts[:2]), kind, revision), parts[2:]


def read_download(request: Request) -> tuple[Repository, str]:
    """The file of ``/download/[datasets/|spaces/]{owner}/{repo}/{path}?revision=``."""
    revision = request.query_params.get("revision") or "main"
    repository, rest = read_repository(segments(request)[1:], revision)
    return repository, "/".join(rest)


def read_resolve(request: Request) -> tuple[Repository, str]:
    """The file of ``/[datasets/|spaces/][{owner}/]{repo}/resolve/{revision}/{path}``, as the hub has it."""
    parts = segments(request)
    if "resolve" not in parts:  # what the path says only once its encoded slashes are decoded
        raise BadName
    place = parts.index("resolve")
    kind: Kind = "models"
    name = parts[:place]
    if name and name[0] in OTHER_KINDS:
        kind, name = OTHER_KINDS[name[0]], name[1:]
    if len(parts) < place + 3:
        raise BadName
    return Repository("/".join(name), kind, parts[place + 1]), "/".join(parts[place + 2 :])


def read_named(name: str, revision: str) -> Repository:
    """The repository of ``?repo=[datasets/|spaces/]{owner}/{repo}``."""
    repository, rest = read_repository(name.split("/"), revision)
    if rest:
        raise BadName
    return repository
