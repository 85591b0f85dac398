"""Downloads files side by side; each that fails is told of, and the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offing.cli.wording import detail, printable
from offing.cli.xet.advice import advise
from offing.cli.xet.places import Places
from offing.cli.xet.progress import FileProgress, Progress
from offing.cli.xet.selection import Wanted
from offing.cli.xet.session import Session
from offing.cli.xet.sizes import spell_size
from offing.kernel.problems import Problem
from offing.xet.engine.download import Download, Unwritable
from offing.xet.engine.repository import Repository
from offing.xet.problems import Gated, NoRight, RepositoryNotFound, RevisionNotFound, XetProblem

MIXED = 1
HOPELESS = (Gated, NoRight, RepositoryNotFound, RevisionNotFound, Unwritable)
"""What the files that follow would meet as well."""


@dataclass
class Outcome:
    """What came of it all."""

    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unverified: int = 0
    """Files of which the hub tells no hash."""

    @property
    def exit_code(self) -> int:
        """That of the problems if they agree."""
        codes = {each.exit_code for each in self.problems}
        return codes.pop() if len(codes) == 1 else MIXED if codes else 0


class Work:
    """The downloads of one command."""

    def __init__(self, session: Session, repository: Repository, places: Places, *, sha256: bool) -> None:
        self._session, self._repository, self._places, self._sha256 = session, repository, places, sha256
        self._outcome = Outcome()
        self._hopeless = False

    async def do(self, files: Sequence[Wanted], shown: Progress, *, parallel: int) -> Outcome:
        """Download files, so many at a time."""
        waiting = iter(files)
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(parallel, len(files))):
                workers.create_task(self._worker(waiting, shown))
        return self._outcome

    async def _worker(self, waiting: Iterator[Wanted], shown: Progress) -> None:
        for wanted in waiting:
            if self._hopeless:
                return
            file = shown.file(wanted.path, wanted.size)
            try:
                await self._download(wanted, shown, file)
            except Problem as problem:
                self._outcome.problems.append(problem)
                self._hopeless |= isinstance(problem, HOPELESS)
                shown.tell(printable(f"offing: {wanted.path}: {_told(problem)}"))
            finally:
                file.close()

    async def _download(self, wanted: Wanted, shown: Progress, file: FileProgress) -> None:
        reader, token = self._session.reader, self._session.token
        place = self._places.place(wanted.path)
        resolved = wanted.resolved or await reader.hub.resolve(self._repository, wanted.path, token)
        download = Download(reader, resolved, place, token=token, sha256=self._sha256)

        def told(done: int) -> None:
            if download.fetching:
                file.fetching(done, download.taken_over)
            else:
                file.checking(done)

        await download.run(told)
        self._outcome.files[wanted.path] = place
        if download.verified:
            shown.verified += resolved.size
        else:
            self._outcome.unverified += 1
        shown.tell(printable(f"{wanted.path}  {spell_size(resolved.size)}  {_how(download)}"))


def _told(problem: Problem) -> str:
    if isinstance(problem, XetProblem):
        advise(problem)
    return f"{detail(problem)} {problem.public_remedy}"


def _how(download: Download) -> str:
    if download.was_there:
        return "was here already, verified"
    how = "verified" if download.verified else "not verified: the hub tells no hash of it"
    return f"{how}, {spell_size(download.taken_over)} were here" if download.taken_over else how
