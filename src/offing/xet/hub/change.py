"""Reads what a commit asks for, and works out what the repository holds after it.

The body is NDJSON: a header, then an operation a line.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Literal

import msgspec

from offing.xet.hub.commits import Entry
from offing.xet.hub.git_ids import blob_id, pointer
from offing.xet.hub.names import check_path
from offing.xet.hub.refusals import bad
from offing.xet.hub.uploads import Upload

Find = Callable[[str], Upload | None]
"""The upload of a sha256 that this commit may name."""
Keep = Callable[[bytes], str]
"""Keeps a small content; gives its sha256."""

LONGEST_TITLE = 1000
LONGEST_MESSAGE = 100_000


class Line(msgspec.Struct):
    """A line of the body."""

    key: Literal["header", "file", "lfsFile", "deletedFile", "deletedFolder"]
    value: dict[str, Any]


class Header(msgspec.Struct, rename="camel"):
    """The line that comes first."""

    summary: str
    description: str = ""
    parent_commit: str = ""


class _SmallFile(msgspec.Struct):
    path: str
    content: str
    encoding: Literal["base64", "utf-8"] = "utf-8"


class _LargeFile(msgspec.Struct):
    path: str
    oid: str
    algo: Literal["sha256"] = "sha256"
    size: int | None = None


class _Gone(msgspec.Struct):
    path: str


def read_change(data: bytes) -> tuple[Header, list[Line]]:
    """The header and the operations. Raises Refusal (400)."""
    try:
        lines = [msgspec.json.decode(line, type=Line) for line in data.splitlines() if line.strip()]
        if not lines or lines[0].key != "header":
            raise bad("A commit begins with its header.")
        header = msgspec.convert(lines[0].value, Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad("A line of the commit cannot be read.") from None
    if len(header.summary) > LONGEST_TITLE or len(header.description) > LONGEST_MESSAGE:
        raise bad("The commit's message is too long.")
    return header, lines[1:]


class Change:
    """Applies the operations of a commit, in order, to the files of the one before."""

    def __init__(self, files: dict[str, Entry], find: Find, keep: Keep) -> None:
        self.files = dict(files)
        self._find, self._keep = find, keep

    def apply(self, line: Line) -> None:
        """Apply one operation. Raises Refusal (400)."""
        operations = {
            "file": self._put_small,
            "lfsFile": self._put_large,
            "deletedFile": self._remove,
            "deletedFolder": self._remove_folder,
        }
        if line.key not in operations:
            raise bad("A commit has one header.")
        try:
            operations[line.key](line.value)
        except (msgspec.ValidationError, binascii.Error, ValueError):
            raise bad("An operation of the commit cannot be read.") from None

    def _put_small(self, value: dict[str, Any]) -> None:
        file = msgspec.convert(value, _SmallFile)
        if file.encoding == "base64":
            content = base64.b64decode(file.content, validate=True)
        else:
            content = file.content.encode()
        self._put(file.path, Entry(blob_id(content), len(content), self._keep(content), large=False))

    def _put_large(self, value: dict[str, Any]) -> None:
        file = msgspec.convert(value, _LargeFile)
        upload = self._find(file.oid)
        if upload is None or file.size not in (None, upload.size):
            raise bad("A large file of the commit has not been uploaded.")
        oid = blob_id(pointer(upload.sha256, upload.size))
        self._put(file.path, Entry(oid, upload.size, upload.sha256, large=True, xet=upload.xet))

    def _put(self, path: str, entry: Entry) -> None:
        folder = check_path(path)
        # A path becomes a file or stays a folder: the later operation holds, as in git.
        self._drop_below(path)
        while folder := folder.rpartition("/")[0]:
            self.files.pop(folder, None)
        self.files[path] = entry

    def _remove(self, value: dict[str, Any]) -> None:
        path = msgspec.convert(value, _Gone).path
        if self.files.pop(path, None) is None:
            raise bad("A file to be removed is not there.")

    def _remove_folder(self, value: dict[str, Any]) -> None:
        path = msgspec.convert(value, _Gone).path.rstrip("/")
        if not self._drop_below(path):
            raise bad("A folder to be removed is not there.")

    def _drop_below(self, folder: str) -> int:
        below = [path for path in self.files if path.startswith(f"{folder}/")]
        for path in below:
            del self.files[path]
        return len(below)
