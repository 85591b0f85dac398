"""The files of a repository that are wanted: by name, by folder, by pattern."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from offing.cli.xet.session import Session
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.problems import EntryNotFound


@dataclass(frozen=True)
class Wanted:
    """A file that is to be downloaded."""

    path: str
    size: int
    """In bytes."""
    resolved: Resolved | None = None
    """What the hub says of it, if it has been asked."""


@dataclass(frozen=True)
class Patterns:
    """Shell patterns of whole paths; ``*`` stands for any characters, also for slashes."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def take(self, path: str) -> bool:
        """Whether a path is wanted."""
        if self.include and not any(fnmatchcase(path, each) for each in self.include):
            return False
        return not any(fnmatchcase(path, each) for each in self.exclude)


async def select(
    session: Session, repository: Repository, names: Sequence[str], patterns: Patterns
) -> list[Wanted]:
    """The wanted files, each once; without names those of the whole repository.

    A name is that of a file, or of a folder with all below it. Raises a XetProblem; EntryNotFound names
    what is not there.
    """
    found: dict[str, Wanted] = {}
    for name in names or [""]:
        async for each in _named(session, repository, name):
            if patterns.take(each.path):
                found.setdefault(each.path, each)
    if not found:
        raise EntryNotFound("No file of the repository is called so.")
    return list(found.values())


async def _named(session: Session, repository: Repository, name: str) -> AsyncIterator[Wanted]:
    if name and not name.endswith("/"):
        try:
            file = await session.reader.hub.resolve(repository, name, session.token)
        except EntryNotFound:
            pass
        else:
            yield Wanted(file.path, file.size, file)
            return
    folder = name.rstrip("/")
    found = False
    try:
        async for listed in session.reader.hub.files(repository, session.token, folder=folder):
            # A hub may list a file that is asked for as a folder, and anything else.
            if not folder or listed.path.startswith(f"{folder}/"):
                found = True
                yield Wanted(listed.path, listed.size)
    except EntryNotFound:
        found = False
    if folder and not found:
        raise EntryNotFound(f"The repository has no file or folder {name} at this revision.")
