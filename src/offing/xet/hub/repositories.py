"""Repositories on the disk: who may see them, their branches, tags and commits."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from offing.xet.hub.commits import Commit, decode
from offing.xet.hub.disk import Disk, sync
from offing.xet.hub.memory import Memory
from offing.xet.hub.names import RepositoryName, repository_name
from offing.xet.hub.people import Caller
from offing.xet.hub.refusals import Refusal, gated, no_repository, no_revision
from offing.xet.hub.uploads import Uploads

MAIN = "main"
COMMITS_IN_MEMORY = 64
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
WHOLE_ID = 40


class Card(msgspec.Struct):
    """What is kept of a repository apart from its commits: the file that makes a commit count."""

    created: str
    private: bool = False
    gated: bool = False
    branches: dict[str, str] = {}
    """Commit ids."""
    tags: dict[str, str] = {}


class Repository:
    """One repository. ``lock`` is held by whoever changes it."""

    def __init__(self, disk: Disk, name: RepositoryName, folder: Path) -> None:
        self._disk, self.name, self._folder = disk, name, folder
        self.card = msgspec.json.decode(_card(folder).read_bytes(), type=Card)
        self.uploads = Uploads(folder / "uploads")
        self.lock = threading.Lock()
        self._commits: Memory[Commit] = Memory(COMMITS_IN_MEMORY)
        self._removed = False

    def save(self, card: Card) -> None:
        """Let a changed card hold from now on. Raises Refusal (404) where the repository is gone."""
        if self._removed:
            raise no_repository(anonymous=False)
        self._disk.put(_card(self._folder), msgspec.json.encode(card))
        self.card = card

    def commit(self, commit_id: str) -> Commit:
        """A commit by its whole id."""
        if (known := self._commits.find(commit_id)) is not None:
            return known
        return self._commits.keep(commit_id, decode(self._commit_path(commit_id).read_bytes()))

    def resolve(self, revision: str) -> tuple[str, Commit]:
        """The commit of a branch, a tag or (the start of) a commit's id. Raises Refusal (404)."""
        name = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        commit_id = self.card.branches.get(name) or self.card.tags.get(name) or self._by_id(revision)
        if not commit_id:
            raise no_revision()
        return commit_id, self.commit(commit_id)

    def append(self, branch: str, commit: Commit) -> str:
        """Make a commit the newest of a branch; returns its id."""
        if not self._commit_path(commit.id).is_file():
            self._disk.put(self._commit_path(commit.id), commit.encode())
        self._commits.keep(commit.id, commit)
        self.save(msgspec.structs.replace(self.card, branches={**self.card.branches, branch: commit.id}))
        return commit.id

    def history(self, commit_id: str) -> Iterator[tuple[str, Commit]]:
        """A commit and those before it, newest first."""
        while commit_id:
            commit = self.commit(commit_id)
            yield commit_id, commit
            commit_id = commit.parent

    def _by_id(self, revision: str) -> str:
        if not _COMMIT.fullmatch(revision):
            return ""
        if len(revision) == WHOLE_ID:
            return revision if self._commit_path(revision).is_file() else ""
        found = [path.name for path in self._commit_path(revision).parent.glob(f"{revision}*")]
        return found[0] if len(found) == 1 else ""

    def _commit_path(self, commit_id: str) -> Path:
        return self._folder / "commits" / commit_id

    def remove(self) -> None:
        """End it; its content stays in the store."""
        with self.lock:
            self._removed = True
            _card(self._folder).unlink()
            sync(self._folder)
            shutil.rmtree(self._folder, ignore_errors=True)


class Repositories:
    """All repositories of the hub, loaded when first asked for."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._loaded: dict[RepositoryName, Repository] = {}
        self._lock = threading.RLock()

    def find(self, name: RepositoryName) -> Repository | None:
        """A repository, whoever asks."""
        if (known := self._loaded.get(name)) is not None:
            return known
        with self._lock:
            if name not in self._loaded and _card(self._folder(name)).is_file():
                self._loaded[name] = Repository(self._disk, name, self._folder(name))
            return self._loaded.get(name)

    def known_to(self, caller: Caller, name: RepositoryName) -> Repository:
        """A repository that the caller may know of. Raises Refusal (401, 404)."""
        found = self.find(name)
        if found is None or (found.card.private and not caller.owns(name.owner)):
            raise no_repository(anonymous=caller.anonymous)
        return found

    def readable(self, caller: Caller, name: RepositoryName) -> Repository:
        """A repository whose content the caller may have. Raises Refusal (401, 403, 404)."""
        found = self.known_to(caller, name)
        if found.card.gated and not caller.owns(name.owner):
            user = caller.user
            if user is None or name.short not in user.accepted:
                raise gated(anonymous=caller.anonymous)
        return found

    def writable(self, caller: Caller, name: RepositoryName) -> Repository:
        """A repository that the caller may change. Raises Refusal (401, 403, 404)."""
        found = self.known_to(caller, name)
        check_writer(caller, name.owner)
        return found

    def create(self, caller: Caller, name: RepositoryName, card: Card, first: Commit) -> Repository:
        """Make a repository with a first commit. Raises Refusal (401, 403; 409 where there is one)."""
        check_writer(caller, name.owner)
        with self._lock:
            if self.find(name) is not None:
                raise Refusal(409, "You already created this repo")
            folder = self._folder(name)
            shutil.rmtree(folder, ignore_errors=True)  # what a kill left of a creation or a removal
            self._disk.put(folder / "commits" / first.id, first.encode())
            with_main = msgspec.structs.replace(card, branches={MAIN: first.id})
            self._disk.put(_card(folder), msgspec.json.encode(with_main))
            self._loaded[name] = Repository(self._disk, name, folder)
            return self._loaded[name]

    def remove(self, caller: Caller, name: RepositoryName) -> None:
        """Remove a repository. Raises Refusal (401, 403, 404)."""
        with self._lock:
            self.writable(caller, name).remove()
            del self._loaded[name]

    def list(self, kind: str, caller: Caller) -> list[Repository]:
        """The repositories of a kind that the caller may know of."""
        found = []
        for place in sorted((self._disk.root / kind).glob("*/*/card.json")):
            try:
                name = repository_name(kind, place.parent.parent.name, place.parent.name)
                found.append(self.known_to(caller, name))
            except Refusal:
                continue
        return found

    def _folder(self, name: RepositoryName) -> Path:
        return self._disk.root / name.kind / name.owner / name.name


def check_writer(caller: Caller, owner: str) -> None:
    """Whether the caller may change repositories of an owner. Raises Refusal (401, 403)."""
    if caller.anonymous:
        raise Refusal(401, "A token is needed to change a repository.")
    if not caller.may_write(owner):
        raise Refusal(403, f"This token may not change repositories of {owner}.")


def _card(folder: Path) -> Path:
    return folder / "card.json"
