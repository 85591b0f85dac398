"""The ids that git gives to files, pointers and folders (SHA-1 over a header and the content)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_FOLDER, _FILE = b"40000", b"100644"


def blob_id(content: bytes) -> str:
    """The id of a file."""
    return _object("blob", content)


def pointer(sha256: str, size: int) -> bytes:
    """What git keeps in place of a large file (Git LFS specification)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


def tree_ids(files: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The id of every folder, the root as "", from (path, id) of the files."""
    folders: dict[str, dict[bytes, tuple[bytes, str]]] = {"": {}}
    for path, oid in files:
        parent, _, name = path.rpartition("/")
        _add_folders(folders, parent)
        folders[parent][name.encode()] = (_FILE, oid)
    ids: dict[str, str] = {}
    for folder in sorted(folders, key=_depth, reverse=True):
        ids[folder] = _tree(folders[folder])
        if folder:
            parent, _, name = folder.rpartition("/")
            # Git sorts a folder as if its name ended with a slash.
            folders[parent][name.encode() + b"/"] = (_FOLDER, ids[folder])
    return ids


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _add_folders(folders: dict[str, dict[bytes, tuple[bytes, str]]], folder: str) -> None:
    while folder and folder not in folders:
        folders[folder] = {}
        folder = folder.rpartition("/")[0]


def _tree(entries: dict[bytes, tuple[bytes, str]]) -> str:
    lines = (
        mode + b" " + name.removesuffix(b"/") + b"\0" + bytes.fromhex(oid)
        for name, (mode, oid) in sorted(entries.items())
    )
    return _object("tree", b"".join(lines))


def _object(kind: str, content: bytes) -> str:
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()
