"""Rows of the tree API."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from offing.xet.hub.commits import Commit, Entry
from offing.xet.hub.git_ids import pointer
from offing.xet.hub.repositories import Repository


def paths_below(commit: Commit, folder: str, *, recursive: bool) -> list[str]:
    """The paths of the files and folders in a folder ("" is the root), and below it, sorted."""
    prefix = f"{folder}/" if folder else ""
    found = [path for path in commit.folders if path and path.startswith(prefix) and path != folder]
    begin = bisect_left(commit.paths, prefix)
    for path in commit.paths[begin:]:
        if not path.startswith(prefix):
            break
        found.append(path)
    return sorted(path for path in found if recursive or "/" not in path[len(prefix) :])


def row(commit: Commit, path: str) -> dict[str, Any]:
    """A file or folder as the tree API tells of it."""
    entry = commit.files.get(path)
    if entry is None:
        return {"type": "directory", "oid": commit.folders[path], "size": 0, "path": path}
    return {"type": "file", "oid": entry.oid, "size": entry.size, **large(entry), "path": path}


def large(entry: Entry) -> dict[str, Any]:
    """The members that only large files have."""
    if not entry.large:
        return {}
    lfs = {"oid": entry.sha256, "size": entry.size, "pointerSize": len(pointer(entry.sha256, entry.size))}
    return {"lfs": lfs, **({"xetHash": entry.xet} if entry.xet else {})}


class LastChanges:
    """Tells which commit last changed a path, by walking back from one."""

    def __init__(self, repository: Repository, commit_id: str) -> None:
        self._history = list(repository.history(commit_id))

    def expand(self, listed: dict[str, Any]) -> dict[str, Any]:
        """A row with the commit that last changed it, and the state of checks that nobody makes."""
        path, oid = listed["path"], listed["oid"]
        last_id, last = self._history[0]
        for commit_id, commit in self._history:
            if _id_of(commit, path) != oid:
                break
            last_id, last = commit_id, commit
        listed["lastCommit"] = {"id": last_id, "title": last.title, "date": last.date}
        if listed["type"] == "file":
            listed["securityFileStatus"] = {"status": "unscanned", "avScan": None, "pickleImportScan": None}
        return listed


def _id_of(commit: Commit, path: str) -> str | None:
    entry = commit.files.get(path)
    return entry.oid if entry is not None else commit.folders.get(path)
